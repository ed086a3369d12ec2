$script:Systems = '/api/v1/synchronisation/connected-systems'

function Get-AccordConnectorDefinition {
    <#
    .SYNOPSIS
    Lists the connectors there are, or shows one with its settings.
    .EXAMPLE
    (Get-AccordConnectorDefinition -Name csv).settings | Format-Table id, name, required
    #>
    [CmdletBinding()]
    param([int] $Id, [string] $Name)
    if ($Id) { return Invoke-AccordApi -Path "/api/v1/synchronisation/connector-definitions/$Id" }
    if ($Name) { return Invoke-AccordApi -Path "/api/v1/synchronisation/connector-definitions/by-name/$([uri]::EscapeDataString($Name))" }
    Invoke-AccordApi -Path '/api/v1/synchronisation/connector-definitions' | ForEach-Object { $_ }
}

function Get-AccordConnectedSystem {
    <#
    .SYNOPSIS
    Lists connected systems, or shows one, its object types, or what deleting it would take along.
    .EXAMPLE
    Get-AccordConnectedSystem
    .EXAMPLE
    Get-AccordConnectedSystem -Id 1 -ObjectTypes
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'ById', ValueFromPipelineByPropertyName)] [int] $Id,
        [Parameter(ParameterSetName = 'List')] [SupportsWildcards()] [string] $Name = '*',
        [Parameter(ParameterSetName = 'ById')] [switch] $ObjectTypes,
        [Parameter(ParameterSetName = 'ById')] [switch] $DeletionPreview
    )
    process {
        if ($PSCmdlet.ParameterSetName -eq 'List') {
            return Get-AccordPage -Path $script:Systems | Where-Object name -Like $Name
        }
        if ($ObjectTypes) {
            return Invoke-AccordApi -Path "/api/v1/synchronisation/connected-systems/$Id/object-types" | ForEach-Object { $_ }
        }
        if ($DeletionPreview) { return Invoke-AccordApi -Path "/api/v1/synchronisation/connected-systems/$Id/deletion-preview" }
        Invoke-AccordApi -Path "/api/v1/synchronisation/connected-systems/$Id"
    }
}

function New-AccordConnectedSystem {
    <#
    .SYNOPSIS
    Connects a system; its settings follow with Set-AccordConnectedSystem.
    .EXAMPLE
    $hr = New-AccordConnectedSystem -Name HR -ConnectorDefinitionId 1 -PassThru
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [int] $ConnectorDefinitionId,
        [string] $Description,
        [string] $ChangeReason,
        [switch] $PassThru
    )
    if (-not $PSCmdlet.ShouldProcess($Name, 'Connect system')) { return }
    $body = @{ name = $Name; connectorDefinitionId = $ConnectorDefinitionId }
    $body += Select-AccordGiven $PSBoundParameters @{ Description = 'description'; ChangeReason = 'changeReason' }
    $made = Invoke-AccordApi -Method POST -Path '/api/v1/synchronisation/connected-systems' -Body $body
    if ($PassThru) { $made }
}

function Set-AccordConnectedSystem {
    <#
    .SYNOPSIS
    Changes a connected system. Secrets can be set, never read.
    .EXAMPLE
    Set-AccordConnectedSystem -Id 1 -SettingValues @{ 12 = @{ stringValue = 'data/hr.csv' } }
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('ConnectedSystemId')] [int] $Id,
        [string] $Name,
        [string] $Description,
        [hashtable] $SettingValues,
        [ValidateRange(1, 16)] [int] $MaxExportParallelism,
        [ValidateSet('Error', 'Warn', 'Ignore')] [string] $UnresolvedReferenceHandling,
        [string] $ChangeReason,
        [switch] $PassThru
    )
    process {
        if (-not $PSCmdlet.ShouldProcess("connected system $Id", 'Change')) { return }
        $body = Select-AccordGiven $PSBoundParameters @{
            Name = 'name'; Description = 'description'; MaxExportParallelism = 'maxExportParallelism'
            UnresolvedReferenceHandling = 'unresolvedReferenceHandling'; ChangeReason = 'changeReason'
        }
        if ($SettingValues) {
            $body.settingValues = @{}
            foreach ($key in $SettingValues.Keys) { $body.settingValues[[string] $key] = $SettingValues[$key] }
        }
        $changed = Invoke-AccordApi -Method PUT -Path "/api/v1/synchronisation/connected-systems/$Id" -Body $body
        if ($PassThru) { $changed }
    }
}

function Remove-AccordConnectedSystem {
    <#
    .SYNOPSIS
    Removes a connected system with what is remembered of it.
    .EXAMPLE
    Remove-AccordConnectedSystem -Id 3 -ChangeReason 'retired'
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('ConnectedSystemId')] [int] $Id,
        [string] $ChangeReason
    )
    process {
        if (-not $PSCmdlet.ShouldProcess("connected system $Id", 'Remove')) { return }
        Invoke-AccordApi -Method DELETE -Path "/api/v1/synchronisation/connected-systems/$Id" -Query @{ changeReason = $ChangeReason }
    }
}

function Import-AccordConnectedSystemSchema {
    <#
    .SYNOPSIS
    Asks a system which object types and attributes it has.
    .EXAMPLE
    Import-AccordConnectedSystemSchema -Id 1 -Preview
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('ConnectedSystemId')] [int] $Id,
        [switch] $Preview,
        [switch] $DisableDependents,
        [switch] $RemoveDependents,
        [switch] $PassThru
    )
    process {
        if ($Preview) {
            return Invoke-AccordApi -Method POST -Path "/api/v1/synchronisation/connected-systems/$Id/import-schema/preview"
        }
        if (-not $PSCmdlet.ShouldProcess("connected system $Id", 'Import schema')) { return }
        $request = @{ Method = 'POST'; Path = "/api/v1/synchronisation/connected-systems/$Id/import-schema" }
        if ($DisableDependents -or $RemoveDependents) {
            $request.Body = @{ disableDependents = [bool] $DisableDependents; removeDependents = [bool] $RemoveDependents }
        }
        $found = Invoke-AccordApi @request
        if ($PassThru) { $found }
    }
}

function Import-AccordConnectedSystemHierarchy {
    <#
    .SYNOPSIS
    Asks a system for its partitions and containers.
    .EXAMPLE
    Import-AccordConnectedSystemHierarchy -Id 2
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('ConnectedSystemId')] [int] $Id)
    process {
        if ($PSCmdlet.ShouldProcess("connected system $Id", 'Import hierarchy')) {
            Invoke-AccordApi -Method POST -Path "/api/v1/synchronisation/connected-systems/$Id/import-hierarchy"
        }
    }
}

function Set-AccordConnectedSystemObjectType {
    <#
    .SYNOPSIS
    Selects an object type of a connected system, or leaves it out.
    .EXAMPLE
    Set-AccordConnectedSystemObjectType -ConnectedSystemId 1 -ObjectTypeId 4 -Selected $true
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [int] $ConnectedSystemId,
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('Id')] [int] $ObjectTypeId,
        [bool] $Selected,
        [bool] $RemoveContributedAttributesOnObsoletion
    )
    process {
        if (-not $PSCmdlet.ShouldProcess("object type $ObjectTypeId", 'Change')) { return }
        $names = @{ Selected = 'selected'; RemoveContributedAttributesOnObsoletion = 'removeContributedAttributesOnObsoletion' }
        $body = Select-AccordGiven $PSBoundParameters $names
        Invoke-AccordApi -Method PUT -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/object-types/$ObjectTypeId" -Body $body
    }
}

function Set-AccordConnectedSystemAttribute {
    <#
    .SYNOPSIS
    Selects attributes of an object type, one or many at once.
    .EXAMPLE
    Set-AccordConnectedSystemAttribute -ConnectedSystemId 1 -ObjectTypeId 4 -AttributeId 9 -Selected $true -IsExternalId $true
    .EXAMPLE
    Set-AccordConnectedSystemAttribute -ConnectedSystemId 1 -ObjectTypeId 4 -AttributeUpdates @{ 9 = @{ selected = $true } }
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'One')]
    param(
        [Parameter(Mandatory)] [int] $ConnectedSystemId,
        [Parameter(Mandatory)] [int] $ObjectTypeId,
        [Parameter(Mandatory, ParameterSetName = 'One')] [int] $AttributeId,
        [Parameter(ParameterSetName = 'One')] [bool] $Selected,
        [Parameter(ParameterSetName = 'One')] [bool] $IsExternalId,
        [Parameter(ParameterSetName = 'One')] [bool] $IsSecondaryExternalId,
        [Parameter(ParameterSetName = 'One')] [string] $Type,
        [Parameter(Mandatory, ParameterSetName = 'Many')] [hashtable] $AttributeUpdates
    )
    if (-not $PSCmdlet.ShouldProcess("object type $ObjectTypeId", 'Change attributes')) { return }
    if ($PSCmdlet.ParameterSetName -eq 'Many') {
        $updates = @{}
        foreach ($key in $AttributeUpdates.Keys) { $updates[[string] $key] = $AttributeUpdates[$key] }
        return Invoke-AccordApi -Method PUT -Body @{ attributes = $updates } `
            -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/object-types/$ObjectTypeId/attributes"
    }
    $body = Select-AccordGiven $PSBoundParameters @{
        Selected = 'selected'; IsExternalId = 'isExternalId'; IsSecondaryExternalId = 'isSecondaryExternalId'; Type = 'type'
    }
    Invoke-AccordApi -Method PUT -Body $body `
        -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/object-types/$ObjectTypeId/attributes/$AttributeId"
}

function Set-AccordConnectedSystemPartition {
    <#
    .SYNOPSIS
    Lets a partition of a directory be read, or not.
    .EXAMPLE
    Set-AccordConnectedSystemPartition -ConnectedSystemId 2 -PartitionId 1 -Selected $true
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [int] $ConnectedSystemId,
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('Id')] [int] $PartitionId,
        [Parameter(Mandatory)] [bool] $Selected
    )
    process {
        if (-not $PSCmdlet.ShouldProcess("partition $PartitionId", 'Change')) { return }
        Invoke-AccordApi -Method PUT -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/partitions/$PartitionId" -Body @{ selected = $Selected }
    }
}

function Set-AccordConnectedSystemContainer {
    <#
    .SYNOPSIS
    Lets a container of a directory be read or left out, and says how deep.
    .EXAMPLE
    Set-AccordConnectedSystemContainer -ConnectedSystemId 2 -ContainerId 7 -Selected $true -Scope OneLevel
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [int] $ConnectedSystemId,
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('Id')] [int] $ContainerId,
        [bool] $Selected,
        [bool] $Excluded,
        [ValidateSet('Subtree', 'OneLevel')] [string] $Scope
    )
    process {
        if (-not $PSCmdlet.ShouldProcess("container $ContainerId", 'Change')) { return }
        $body = Select-AccordGiven $PSBoundParameters @{ Selected = 'selected'; Excluded = 'excluded'; Scope = 'scope' }
        Invoke-AccordApi -Method PUT -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/containers/$ContainerId" -Body $body
    }
}

function Get-AccordConnectorSpaceObject {
    <#
    .SYNOPSIS
    Lists what is remembered of a connected system's objects.
    .EXAMPLE
    Get-AccordConnectorSpaceObject -ConnectedSystemId 1 -Search meyer
    .EXAMPLE
    Get-AccordConnectorSpaceObject -ConnectedSystemId 2 -JoinType NotJoined
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [int] $ConnectedSystemId,
        [guid] $Id,
        [string] $Search,
        [ValidateSet('Normal', 'PendingProvisioning')] [string] $Status,
        [ValidateSet('NotJoined', 'Projected', 'Provisioned', 'Joined')] [string] $JoinType,
        [int] $ObjectTypeId
    )
    process {
        if ($Id) { return Invoke-AccordApi -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/connector-space/$Id" }
        $names = @{ Search = 'search'; Status = 'status'; JoinType = 'joinType'; ObjectTypeId = 'objectTypeId' }
        $query = Select-AccordGiven $PSBoundParameters $names
        Get-AccordPage -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/connector-space" -Query $query
    }
}

function Get-AccordPendingExport {
    <#
    .SYNOPSIS
    Lists what waits to be sent to a connected system.
    .EXAMPLE
    Get-AccordPendingExport -ConnectedSystemId 2 | Group-Object changeType
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [int] $ConnectedSystemId, [string] $Search)
    process { Get-AccordPage -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/pending-exports" -Query @{ search = $Search } }
}

function Clear-AccordConnectedSystem {
    <#
    .SYNOPSIS
    Forgets every object of a connected system; the next import reads them anew.
    .EXAMPLE
    Clear-AccordConnectedSystem -Id 1 -KeepChangeHistory
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('ConnectedSystemId')] [int] $Id,
        [switch] $KeepChangeHistory
    )
    process {
        if (-not $PSCmdlet.ShouldProcess("connected system $Id", 'Clear')) { return }
        $null = Invoke-AccordApi -Method POST -Path "/api/v1/synchronisation/connected-systems/$Id/clear" `
            -Query @{ deleteChangeHistory = -not $KeepChangeHistory }
    }
}
