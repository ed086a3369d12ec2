function Get-AccordRunProfile {
    <#
    .SYNOPSIS
    Lists the run profiles of a connected system.
    .EXAMPLE
    Get-AccordRunProfile -ConnectedSystemId 1 | Where-Object name -Like '*Import*'
    #>
    [CmdletBinding(DefaultParameterSetName = 'ById')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'ById', ValueFromPipelineByPropertyName)] [Alias('Id')] [int] $ConnectedSystemId,
        [Parameter(Mandatory, ParameterSetName = 'ByName')] [string] $ConnectedSystemName,
        [SupportsWildcards()] [string] $Name = '*'
    )
    process {
        $systemId = if ($PSCmdlet.ParameterSetName -eq 'ByName') { Resolve-AccordSystemId $ConnectedSystemName } else { $ConnectedSystemId }
        Invoke-AccordApi -Path "/api/v1/synchronisation/connected-systems/$systemId/run-profiles" |
            ForEach-Object { $_ } |
            Where-Object name -Like $Name |
            Add-Member -NotePropertyName ConnectedSystemId -NotePropertyValue $systemId -Force -PassThru
    }
}

function New-AccordRunProfile {
    <#
    .SYNOPSIS
    Makes a run profile.
    .EXAMPLE
    New-AccordRunProfile -ConnectedSystemId 1 -Name 'Full Import' -RunType FullImport
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [int] $ConnectedSystemId,
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)]
        [ValidateSet('FullImport', 'DeltaImport', 'FullSynchronisation', 'DeltaSynchronisation', 'Export')] [string] $RunType,
        [ValidateRange(1, 10000)] [int] $PageSize = 100,
        [int] $PartitionId,
        [string] $FilePath,
        [switch] $PassThru
    )
    process {
        if (-not $PSCmdlet.ShouldProcess($Name, 'Make run profile')) { return }
        $body = @{ name = $Name; runType = $RunType; pageSize = $PageSize }
        $body += Select-AccordGiven $PSBoundParameters @{ PartitionId = 'partitionId'; FilePath = 'filePath' }
        $made = Invoke-AccordApi -Method POST -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/run-profiles" -Body $body
        if ($PassThru) { $made | Add-Member -NotePropertyName ConnectedSystemId -NotePropertyValue $ConnectedSystemId -Force -PassThru }
    }
}

function Set-AccordRunProfile {
    <#
    .SYNOPSIS
    Changes a run profile.
    .EXAMPLE
    Set-AccordRunProfile -ConnectedSystemId 1 -RunProfileId 3 -Name 'Nightly import'
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [int] $ConnectedSystemId,
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('Id')] [int] $RunProfileId,
        [string] $Name,
        [ValidateRange(1, 10000)] [int] $PageSize,
        [int] $PartitionId,
        [string] $FilePath
    )
    process {
        if (-not $PSCmdlet.ShouldProcess("run profile $RunProfileId", 'Change')) { return }
        $names = @{ Name = 'name'; PageSize = 'pageSize'; PartitionId = 'partitionId'; FilePath = 'filePath' }
        $body = Select-AccordGiven $PSBoundParameters $names
        Invoke-AccordApi -Method PUT -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/run-profiles/$RunProfileId" -Body $body
    }
}

function Remove-AccordRunProfile {
    <#
    .SYNOPSIS
    Removes a run profile.
    .EXAMPLE
    Remove-AccordRunProfile -ConnectedSystemId 1 -RunProfileId 3
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [int] $ConnectedSystemId,
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('Id')] [int] $RunProfileId
    )
    process {
        if (-not $PSCmdlet.ShouldProcess("run profile $RunProfileId", 'Remove')) { return }
        $null = Invoke-AccordApi -Method DELETE -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/run-profiles/$RunProfileId"
    }
}

function Start-AccordRunProfile {
    <#
    .SYNOPSIS
    Executes a run profile.
    .DESCRIPTION
    Returns at once; with -Wait it shows progress until the run is over. With -WhatIf a synchronisation is planned
    instead: nothing is written, and the plan is returned with its counts and the guard's verdict.
    .EXAMPLE
    Start-AccordRunProfile -ConnectedSystemId 1 -RunProfileId 1
    .EXAMPLE
    Start-AccordRunProfile -ConnectedSystemName 'Corporate LDAP' -RunProfileName 'Delta Import' -Wait -Timeout 600
    .EXAMPLE
    Get-AccordRunProfile -ConnectedSystemId 1 | Where-Object { $_.name -eq 'Delta Import' } | Start-AccordRunProfile -PassThru
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'ById')]
    param(
        [Parameter(ValueFromPipelineByPropertyName)] [int] $ConnectedSystemId,
        [string] $ConnectedSystemName,
        [Parameter(ValueFromPipelineByPropertyName)] [Alias('Id')] [int] $RunProfileId,
        [string] $RunProfileName,
        [switch] $Wait,
        [ValidateRange(1, 2147483)] [int] $Timeout,
        [switch] $PassThru
    )
    process {
        $systemId = if ($ConnectedSystemName) { Resolve-AccordSystemId $ConnectedSystemName } else { $ConnectedSystemId }
        if (-not $systemId) { throw 'Name the connected system: -ConnectedSystemId or -ConnectedSystemName.' }
        $profileId = if ($RunProfileName) { Resolve-AccordRunProfileId $systemId $RunProfileName } else { $RunProfileId }
        if (-not $profileId) { throw 'Name the run profile: -RunProfileId or -RunProfileName.' }
        if ($WhatIfPreference) { return New-AccordPlan -WhatIf:$false }
        if (-not $PSCmdlet.ShouldProcess("run profile $profileId of connected system $systemId", 'Execute')) { return }
        $told = Invoke-AccordApi -Method POST -Path "/api/v1/synchronisation/connected-systems/$systemId/run-profiles/$profileId/execute"
        @($told.warnings) | Where-Object { $_ } | ForEach-Object { Write-Warning $_ }
        if ($Wait) { $null = Wait-AccordActivity -Id $told.activityId -Timeout $Timeout }
        if ($PassThru) { $told }
    }
}
