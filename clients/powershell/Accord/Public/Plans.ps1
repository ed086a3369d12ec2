function New-AccordPlan {
    <#
    .SYNOPSIS
    Plans the synchronisation of everything; nothing is written.
    .EXAMPLE
    $plan = New-AccordPlan
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param()
    if ($PSCmdlet.ShouldProcess('the whole population', 'Plan')) { Invoke-AccordApi -Method POST -Path '/api/v1/plans' }
}

function Get-AccordPlan {
    <#
    .SYNOPSIS
    Lists plans, or shows one with counts and the guard's verdict.
    .EXAMPLE
    Get-AccordPlan -State held
    #>
    [CmdletBinding()]
    param([Parameter(ValueFromPipelineByPropertyName)] [string] $Id, [string] $State)
    process {
        if ($Id) { return Invoke-AccordApi -Path "/api/v1/plans/$Id" }
        (Invoke-AccordApi -Path '/api/v1/plans' -Query @{ state = $State }).items
    }
}

function Approve-AccordPlan {
    <#
    .SYNOPSIS
    Releases a plan that the guard holds, for a reason that is kept.
    .EXAMPLE
    Approve-AccordPlan -Id P7 -Reason 'the merger moves a third of the company'
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [string] $Id, [Parameter(Mandatory)] [string] $Reason)
    process {
        if ($PSCmdlet.ShouldProcess("plan $Id", 'Release')) {
            Invoke-AccordApi -Method POST -Path "/api/v1/plans/$Id/release" -Body @{ reason = $Reason }
        }
    }
}

function Invoke-AccordPlan {
    <#
    .SYNOPSIS
    Applies exactly a plan; refused when the world has moved since.
    .EXAMPLE
    Invoke-AccordPlan -Id P7
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [string] $Id)
    process {
        if ($PSCmdlet.ShouldProcess("plan $Id", 'Apply')) { Invoke-AccordApi -Method POST -Path "/api/v1/plans/$Id/apply" }
    }
}

function Deny-AccordPlan {
    <#
    .SYNOPSIS
    Discards a plan: it can never be applied.
    .EXAMPLE
    Deny-AccordPlan -Id P7 -Reason 'truncated file'
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [string] $Id, [Parameter(Mandatory)] [string] $Reason)
    process {
        if ($PSCmdlet.ShouldProcess("plan $Id", 'Discard')) {
            Invoke-AccordApi -Method POST -Path "/api/v1/plans/$Id/discard" -Body @{ reason = $Reason }
        }
    }
}
