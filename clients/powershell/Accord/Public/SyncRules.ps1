function Get-AccordSyncRule {
    <#
    .SYNOPSIS
    Lists synchronisation rules, or shows one.
    .EXAMPLE
    Get-AccordSyncRule -Direction Import
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'ById', ValueFromPipelineByPropertyName)] [int] $Id,
        [Parameter(ParameterSetName = 'List')] [int[]] $ConnectedSystemId,
        [Parameter(ParameterSetName = 'List')] [ValidateSet('Import', 'Export')] [string[]] $Direction,
        [Parameter(ParameterSetName = 'List')] [ValidateSet('FlowOnly', 'Projects', 'Provisions')] [string[]] $ActionType,
        [Parameter(ParameterSetName = 'List')] [ValidateSet('Enabled', 'Disabled')] [string[]] $Status,
        [Parameter(ParameterSetName = 'List')] [string] $Search
    )
    process {
        if ($PSCmdlet.ParameterSetName -eq 'ById') { return Invoke-AccordApi -Path "/api/v1/synchronisation/sync-rules/$Id" }
        $query = Select-AccordGiven $PSBoundParameters @{
            ConnectedSystemId = 'connectedSystemIds'; Direction = 'directions'; ActionType = 'actionTypes'
            Status = 'statuses'; Search = 'search'
        }
        Get-AccordPage -Path '/api/v1/synchronisation/sync-rules' -Query $query
    }
}

function New-AccordSyncRule {
    <#
    .SYNOPSIS
    Makes a synchronisation rule between an object type of a system and one of the metaverse.
    .EXAMPLE
    New-AccordSyncRule -Name 'HR people' -ConnectedSystemId 1 -ConnectedSystemObjectTypeId 4 -MetaverseObjectTypeId 2 -Direction Import -ProjectToMetaverse -PassThru
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [int] $ConnectedSystemId,
        [Parameter(Mandatory)] [int] $ConnectedSystemObjectTypeId,
        [Parameter(Mandatory)] [int] $MetaverseObjectTypeId,
        [Parameter(Mandatory)] [ValidateSet('Import', 'Export')] [string] $Direction,
        [string] $Description,
        [switch] $ProjectToMetaverse,
        [switch] $ProvisionToConnectedSystem,
        [bool] $Enabled = $true,
        [bool] $EnforceState = $true,
        [ValidateSet('Disconnect', 'Delete')] [string] $OutboundDeprovisionAction,
        [string] $ChangeReason,
        [switch] $PassThru
    )
    if (-not $PSCmdlet.ShouldProcess($Name, 'Make synchronisation rule')) { return }
    $body = @{
        name = $Name; connectedSystemId = $ConnectedSystemId; connectedSystemObjectTypeId = $ConnectedSystemObjectTypeId
        metaverseObjectTypeId = $MetaverseObjectTypeId; direction = $Direction; enabled = $Enabled; enforceState = $EnforceState
    }
    $body += Select-AccordGiven $PSBoundParameters @{
        Description = 'description'; ProjectToMetaverse = 'projectToMetaverse'
        ProvisionToConnectedSystem = 'provisionToConnectedSystem'
        OutboundDeprovisionAction = 'outboundDeprovisionAction'; ChangeReason = 'changeReason'
    }
    $made = Invoke-AccordApi -Method POST -Path '/api/v1/synchronisation/sync-rules' -Body $body
    if ($PassThru) { $made }
}

function Set-AccordSyncRule {
    <#
    .SYNOPSIS
    Changes a synchronisation rule, switches it on or off.
    .EXAMPLE
    Set-AccordSyncRule -Id 5 -Disable -ChangeReason 'until the migration is over'
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [int] $Id,
        [string] $Name,
        [string] $Description,
        [switch] $Enable,
        [switch] $Disable,
        [bool] $ProjectToMetaverse,
        [bool] $ProvisionToConnectedSystem,
        [bool] $EnforceState,
        [ValidateSet('RemainJoined', 'Disconnect')] [string] $InboundOutOfScopeAction,
        [ValidateSet('Disconnect', 'Delete')] [string] $OutboundDeprovisionAction,
        [string] $ChangeReason
    )
    process {
        if (-not $PSCmdlet.ShouldProcess("synchronisation rule $Id", 'Change')) { return }
        $body = Select-AccordGiven $PSBoundParameters @{
            Name = 'name'; Description = 'description'; ProjectToMetaverse = 'projectToMetaverse'
            ProvisionToConnectedSystem = 'provisionToConnectedSystem'; EnforceState = 'enforceState'
            InboundOutOfScopeAction = 'inboundOutOfScopeAction'
            OutboundDeprovisionAction = 'outboundDeprovisionAction'; ChangeReason = 'changeReason'
        }
        if ($Enable) { $body.enabled = $true }
        if ($Disable) { $body.enabled = $false }
        Invoke-AccordApi -Method PUT -Path "/api/v1/synchronisation/sync-rules/$Id" -Body $body
    }
}

function Remove-AccordSyncRule {
    <#
    .SYNOPSIS
    Removes a synchronisation rule.
    .EXAMPLE
    Get-AccordSyncRule -Status Disabled | Remove-AccordSyncRule
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [int] $Id, [string] $ChangeReason)
    process {
        if ($PSCmdlet.ShouldProcess("synchronisation rule $Id", 'Remove')) {
            $null = Invoke-AccordApi -Method DELETE -Path "/api/v1/synchronisation/sync-rules/$Id" -Query @{ changeReason = $ChangeReason }
        }
    }
}

function Get-AccordSyncRuleMapping {
    <#
    .SYNOPSIS
    Lists the attribute flows of a synchronisation rule.
    .EXAMPLE
    Get-AccordSyncRuleMapping -SyncRuleId 5
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('Id')] [int] $SyncRuleId)
    process { Invoke-AccordApi -Path "/api/v1/synchronisation/sync-rules/$SyncRuleId/mappings" | ForEach-Object { $_ } }
}

function New-AccordSyncRuleMapping {
    <#
    .SYNOPSIS
    Makes an attribute flow: from an attribute, or from an expression.
    .EXAMPLE
    New-AccordSyncRuleMapping -SyncRuleId 5 -TargetMetaverseAttributeId 11 -SourceConnectedSystemAttributeId 31
    .EXAMPLE
    New-AccordSyncRuleMapping -SyncRuleId 6 -TargetConnectedSystemAttributeId 40 -Expression "first || ' ' || last"
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('Id')] [int] $SyncRuleId,
        [int] $TargetMetaverseAttributeId,
        [int] $TargetConnectedSystemAttributeId,
        [int] $SourceMetaverseAttributeId,
        [int] $SourceConnectedSystemAttributeId,
        [string] $Expression,
        [ValidateSet('EvaluateAnyway', 'ContributeNoValue', 'FailMapping', 'FailObject')] [string] $MissingInputBehaviour,
        [string[]] $InboundValueProcessing = @('TreatWhitespaceAsNoValue'),
        [ValidateSet('None', 'Upper', 'Lower', 'Title')] [string] $CaseNormalisation = 'None',
        [switch] $NullIsValue,
        [switch] $InitialExportOnly,
        [string] $ChangeReason
    )
    process {
        if (-not $PSCmdlet.ShouldProcess("synchronisation rule $SyncRuleId", 'Make attribute flow')) { return }
        $source = @{ order = 0 } + (Select-AccordGiven $PSBoundParameters @{
                SourceMetaverseAttributeId = 'metaverseAttributeId'
                SourceConnectedSystemAttributeId = 'connectedSystemAttributeId'
                Expression = 'expression'; MissingInputBehaviour = 'missingInputBehaviour'
            })
        $body = @{ sources = @($source) } + (Select-AccordGiven $PSBoundParameters @{
                TargetMetaverseAttributeId = 'targetMetaverseAttributeId'
                TargetConnectedSystemAttributeId = 'targetConnectedSystemAttributeId'
                NullIsValue = 'nullIsValue'; InitialExportOnly = 'initialExportOnly'; ChangeReason = 'changeReason'
            })
        if ($TargetMetaverseAttributeId) {
            $body.inboundValueProcessing = $InboundValueProcessing -join ', '
            $body.caseNormalisation = $CaseNormalisation
        }
        Invoke-AccordApi -Method POST -Path "/api/v1/synchronisation/sync-rules/$SyncRuleId/mappings" -Body $body
    }
}

function Remove-AccordSyncRuleMapping {
    <#
    .SYNOPSIS
    Removes an attribute flow.
    .EXAMPLE
    Remove-AccordSyncRuleMapping -SyncRuleId 5 -MappingId 21
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param(
        [Parameter(Mandatory)] [int] $SyncRuleId,
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('Id')] [int] $MappingId
    )
    process {
        if ($PSCmdlet.ShouldProcess("attribute flow $MappingId", 'Remove')) {
            $null = Invoke-AccordApi -Method DELETE -Path "/api/v1/synchronisation/sync-rules/$SyncRuleId/mappings/$MappingId"
        }
    }
}

function New-AccordMatchingRule {
    <#
    .SYNOPSIS
    Makes a matching rule for an object type of a connected system.
    .EXAMPLE
    New-AccordMatchingRule -ConnectedSystemId 1 -ObjectTypeId 4 -MetaverseObjectTypeId 2 -SourceAttributeId 31 -TargetMetaverseAttributeId 11
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [int] $ConnectedSystemId,
        [Parameter(Mandatory)] [Alias('ConnectedSystemObjectTypeId')] [int] $ObjectTypeId,
        [Parameter(Mandatory)] [int] $MetaverseObjectTypeId,
        [Parameter(Mandatory)] [int[]] $SourceAttributeId,
        [Parameter(Mandatory)] [int] $TargetMetaverseAttributeId,
        [int] $Order,
        [bool] $CaseSensitive = $true
    )
    if (-not $PSCmdlet.ShouldProcess("connected system $ConnectedSystemId", 'Make matching rule')) { return }
    $body = New-AccordMatchingBody $PSBoundParameters
    Invoke-AccordApi -Method POST -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/matching-rules" -Body $body
}

function New-AccordSyncRuleMatchingRule {
    <#
    .SYNOPSIS
    Makes a matching rule of a synchronisation rule, where rules of a system match by themselves.
    .EXAMPLE
    New-AccordSyncRuleMatchingRule -SyncRuleId 5 -ObjectTypeId 4 -MetaverseObjectTypeId 2 -SourceAttributeId 31 -TargetMetaverseAttributeId 11
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('Id')] [int] $SyncRuleId,
        [Parameter(Mandatory)] [Alias('ConnectedSystemObjectTypeId')] [int] $ObjectTypeId,
        [Parameter(Mandatory)] [int] $MetaverseObjectTypeId,
        [Parameter(Mandatory)] [int[]] $SourceAttributeId,
        [Parameter(Mandatory)] [int] $TargetMetaverseAttributeId,
        [int] $Order,
        [bool] $CaseSensitive = $true
    )
    process {
        if (-not $PSCmdlet.ShouldProcess("synchronisation rule $SyncRuleId", 'Make matching rule')) { return }
        $body = New-AccordMatchingBody $PSBoundParameters
        Invoke-AccordApi -Method POST -Path "/api/v1/synchronisation/sync-rules/$SyncRuleId/matching-rules" -Body $body
    }
}

function Switch-AccordMatchingMode {
    <#
    .SYNOPSIS
    Lets matching rules belong to the object types of a system, or to its synchronisation rules.
    .EXAMPLE
    Switch-AccordMatchingMode -ConnectedSystemId 1 -Mode SyncRule
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [int] $ConnectedSystemId,
        [Parameter(Mandatory)] [ValidateSet('ConnectedSystem', 'SyncRule')] [string] $Mode
    )
    if (-not $PSCmdlet.ShouldProcess("connected system $ConnectedSystemId", "Match by $Mode")) { return }
    $told = Invoke-AccordApi -Method POST -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/matching-mode" -Body @{ mode = $Mode }
    @($told.warnings) | Where-Object { $_ } | ForEach-Object { Write-Warning $_ }
    $told
}

function New-AccordScopingGroup {
    <#
    .SYNOPSIS
    Makes a group of scoping criteria of a synchronisation rule, of which all or any must hold.
    .EXAMPLE
    New-AccordScopingGroup -SyncRuleId 5 -Type All
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [int] $SyncRuleId,
        [Parameter(Mandatory)] [ValidateSet('All', 'Any')] [string] $Type,
        [int] $ParentGroupId,
        [int] $Position = 0
    )
    if (-not $PSCmdlet.ShouldProcess("synchronisation rule $SyncRuleId", 'Make scoping group')) { return }
    $body = @{ type = $Type; position = $Position }
    if ($ParentGroupId) {
        return Invoke-AccordApi -Method POST -Body $body `
            -Path "/api/v1/synchronisation/sync-rules/$SyncRuleId/scoping-criteria/$ParentGroupId/child-groups"
    }
    Invoke-AccordApi -Method POST -Path "/api/v1/synchronisation/sync-rules/$SyncRuleId/scoping-criteria" -Body $body
}

function New-AccordScopingCriterion {
    <#
    .SYNOPSIS
    Makes a scoping criterion in a group.
    .EXAMPLE
    New-AccordScopingCriterion -SyncRuleId 5 -GroupId 7 -ConnectedSystemAttributeId 33 -ComparisonType Equals -StringValue active
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [int] $SyncRuleId,
        [Parameter(Mandatory)] [int] $GroupId,
        [int] $MetaverseAttributeId,
        [int] $ConnectedSystemAttributeId,
        [Parameter(Mandatory)] [string] $ComparisonType,
        [string] $StringValue,
        [int] $IntValue,
        [datetime] $DateTimeValue,
        [bool] $BoolValue,
        [bool] $CaseSensitive = $true
    )
    if (-not $PSCmdlet.ShouldProcess("scoping group $GroupId", 'Make criterion')) { return }
    $body = @{ comparisonType = $ComparisonType; caseSensitive = $CaseSensitive } + (Select-AccordGiven $PSBoundParameters @{
            MetaverseAttributeId = 'metaverseAttributeId'; ConnectedSystemAttributeId = 'connectedSystemAttributeId'
            StringValue = 'stringValue'; IntValue = 'intValue'; DateTimeValue = 'dateTimeValue'; BoolValue = 'boolValue'
        })
    Invoke-AccordApi -Method POST -Path "/api/v1/synchronisation/sync-rules/$SyncRuleId/scoping-criteria/$GroupId/criteria" -Body $body
}

function Test-AccordExpression {
    <#
    .SYNOPSIS
    Evaluates an expression on sample values, and says where it is wrong.
    .EXAMPLE
    Test-AccordExpression -Expression "lower(first) || '.' || lower(last)" -CsAttributes @{ first = 'Anna'; last = 'Meyer' }
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Expression, [hashtable] $MvAttributes = @{}, [hashtable] $CsAttributes = @{})
    Invoke-AccordApi -Method POST -Path '/api/v1/synchronisation/test-expression' -Body @{
        expression = $Expression; mvAttributes = $MvAttributes; csAttributes = $CsAttributes
    }
}
