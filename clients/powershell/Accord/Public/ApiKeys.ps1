function Get-AccordApiKey {
    <#
    .SYNOPSIS
    Lists API keys; of a key only its beginning is ever shown again.
    .EXAMPLE
    Get-AccordApiKey | Where-Object { -not $_.lastUsedAt }
    #>
    [CmdletBinding()]
    param([Parameter(ValueFromPipelineByPropertyName)] [guid] $Id)
    process {
        if ($Id) { return Invoke-AccordApi -Path "/api/v1/apikeys/$Id" }
        Invoke-AccordApi -Path '/api/v1/apikeys' | ForEach-Object { $_ }
    }
}

function New-AccordApiKey {
    <#
    .SYNOPSIS
    Makes an API key. Its text is returned this once.
    .EXAMPLE
    (New-AccordApiKey -Name 'nightly script' -RoleIds 1 -ExpiresAt (Get-Date).AddYears(1)).key
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [int[]] $RoleIds,
        [string] $Description,
        [datetime] $ExpiresAt,
        [string] $ChangeReason
    )
    if (-not $PSCmdlet.ShouldProcess($Name, 'Make API key')) { return }
    $body = @{ name = $Name; roleIds = $RoleIds }
    $body += Select-AccordGiven $PSBoundParameters @{ Description = 'description'; ChangeReason = 'changeReason' }
    if ($PSBoundParameters.ContainsKey('ExpiresAt')) { $body.expiresAt = $ExpiresAt.ToUniversalTime().ToString('o') }
    Invoke-AccordApi -Method POST -Path '/api/v1/apikeys' -Body $body
}

function Remove-AccordApiKey {
    <#
    .SYNOPSIS
    Makes an API key worthless.
    .EXAMPLE
    Remove-AccordApiKey -Id $old.id -ChangeReason 'not used for a year'
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [guid] $Id, [string] $ChangeReason)
    process {
        if ($PSCmdlet.ShouldProcess("API key $Id", 'Remove')) {
            $null = Invoke-AccordApi -Method DELETE -Path "/api/v1/apikeys/$Id" -Query @{ changeReason = $ChangeReason }
        }
    }
}

function Get-AccordRole {
    <#
    .SYNOPSIS
    Lists the roles that keys and people may have.
    .EXAMPLE
    Get-AccordRole
    #>
    [CmdletBinding()]
    param()
    Invoke-AccordApi -Path '/api/v1/security/roles' | ForEach-Object { $_ }
}
