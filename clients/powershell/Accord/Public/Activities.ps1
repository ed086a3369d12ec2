$script:Over = 'Complete', 'CompleteWithWarning', 'CompleteWithError', 'FailedWithError', 'Cancelled'
$script:PollSeconds = 2

function Get-AccordActivity {
    <#
    .SYNOPSIS
    Lists activities, or shows one.
    .EXAMPLE
    Get-AccordActivity -Status FailedWithError -PageSize 50
    .EXAMPLE
    Get-AccordActivity -Id $run.activityId -Follow
    .EXAMPLE
    Get-AccordActivity -Id $run.activityId -ExecutionItems
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'ById', ValueFromPipelineByPropertyName)] [Alias('ActivityId')] [guid] $Id,
        [Parameter(ParameterSetName = 'ById')] [switch] $Follow,
        [Parameter(ParameterSetName = 'ById')] [switch] $ExecutionItems,
        [Parameter(ParameterSetName = 'List')] [int] $Page = 1,
        [Parameter(ParameterSetName = 'List')] [ValidateRange(1, 100)] [int] $PageSize = 20,
        [Parameter(ParameterSetName = 'List')] [string] $Search,
        [Parameter(ParameterSetName = 'List')] [string[]] $Status,
        [Parameter(ParameterSetName = 'List')] [string[]] $TargetType,
        [Parameter(ParameterSetName = 'List')] [string] $ConnectedSystem,
        [Parameter(ParameterSetName = 'List')] [string] $RunProfile,
        [Parameter(ParameterSetName = 'List')] [datetime] $CreatedFrom,
        [Parameter(ParameterSetName = 'List')] [datetime] $CreatedTo
    )
    process {
        if ($PSCmdlet.ParameterSetName -eq 'List') {
            $query = Select-AccordGiven $PSBoundParameters @{
                Search = 'search'; Status = 'status'; TargetType = 'targetType'; ConnectedSystem = 'connectedSystem'
                RunProfile = 'runProfile'; CreatedFrom = 'createdFrom'; CreatedTo = 'createdTo'
            }
            return (Invoke-AccordApi -Path '/api/v1/activities' -Query ($query + @{ page = $Page; pageSize = $PageSize })).items
        }
        if ($Follow) { return Wait-AccordActivity -Id $Id }
        if ($ExecutionItems) { return Get-AccordPage -Path "/api/v1/activities/$Id/items" }
        Invoke-AccordApi -Path "/api/v1/activities/$Id"
    }
}

function Get-AccordActivityStats {
    <#
    .SYNOPSIS
    Shows what a run did, by counters.
    .EXAMPLE
    Get-AccordActivityStats -Id $run.activityId
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('ActivityId')] [guid] $Id)
    process { Invoke-AccordApi -Path "/api/v1/activities/$Id/stats" }
}

function Get-AccordActivityChildren {
    <#
    .SYNOPSIS
    Lists the activities that another one started.
    .EXAMPLE
    Get-AccordActivityChildren -Id $cycle.activityId
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('ActivityId')] [guid] $Id)
    process { Get-AccordPage -Path "/api/v1/activities/$Id/children" }
}

function Wait-AccordActivity {
    <#
    .SYNOPSIS
    Waits until an activity is over, with progress, and returns it.
    .EXAMPLE
    Wait-AccordActivity -Id $run.activityId -Timeout 600
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('ActivityId')] [guid] $Id,
        [int] $Timeout
    )
    process {
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $misses = 0
        while ($true) {
            try {
                $now = Invoke-AccordApi -Path "/api/v1/activities/$Id/progress"
                $misses = 0
            }
            catch {
                if (++$misses -ge 3) { throw }
                Write-Warning "The progress of $Id cannot be read: $_"
                $now = $null
            }
            if ($now) { Show-AccordProgress $now $watch.Elapsed }
            if ($now -and $now.status -in $script:Over) { break }
            if ($Timeout -and $watch.Elapsed.TotalSeconds -ge $Timeout) {
                throw "Activity $Id is not over after $Timeout seconds; it goes on."
            }
            Start-Sleep -Seconds $script:PollSeconds
        }
        Write-Progress -Activity "Activity $Id" -Completed
        Invoke-AccordApi -Path "/api/v1/activities/$Id"
    }
}

function Get-AccordWorkerTask {
    <#
    .SYNOPSIS
    Lists what runs and what waits its turn.
    .EXAMPLE
    Get-AccordWorkerTask
    #>
    [CmdletBinding()]
    param()
    Get-AccordPage -Path '/api/v1/worker-tasks'
}

function Stop-AccordWorkerTask {
    <#
    .SYNOPSIS
    Cancels a task. What it has committed stays, and its activity says what that is.
    .EXAMPLE
    Stop-AccordWorkerTask -Id $run.taskId
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('TaskId')] [guid] $Id)
    process {
        if ($PSCmdlet.ShouldProcess("task $Id", 'Cancel')) {
            $null = Invoke-AccordApi -Method POST -Path "/api/v1/worker-tasks/$Id/cancel"
        }
    }
}

function Show-AccordProgress {
    param([object] $Now, [timespan] $Elapsed)
    $counts = if ($Now.objectsToProcess) { "$($Now.objectsProcessed) of $($Now.objectsToProcess)" } else { "$($Now.objectsProcessed)" }
    $rate = if ($Now.objectsPerSecond) { ", $([math]::Round($Now.objectsPerSecond)) a second" } else { '' }
    $phase = if ($Now.currentPhase) { "$($Now.currentPhase.name) ($($Now.currentPhaseNumber) of $($Now.totalPhases))" } else { $Now.status }
    $shown = @{
        Activity = "Activity $($Now.id)"
        Status   = "${phase}: $counts objects$rate, $($Elapsed.ToString('hh\:mm\:ss'))"
    }
    if ($null -ne $Now.percentComplete) { $shown.PercentComplete = [math]::Min(100, $Now.percentComplete) }
    if ($null -ne $Now.estimatedSecondsRemaining) { $shown.SecondsRemaining = [int] $Now.estimatedSecondsRemaining }
    Write-Progress @shown
}
