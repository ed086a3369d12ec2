function Get-AccordSchedule {
    <#
    .SYNOPSIS
    Lists schedules, or shows one with its steps.
    .EXAMPLE
    Get-AccordSchedule | Format-Table name, isEnabled, nextRunTime
    #>
    [CmdletBinding()]
    param([Parameter(ValueFromPipelineByPropertyName)] [guid] $Id)
    process {
        if ($Id) { return Invoke-AccordApi -Path "/api/v1/schedules/$Id" }
        Get-AccordPage -Path '/api/v1/schedules'
    }
}

function New-AccordSchedule {
    <#
    .SYNOPSIS
    Makes a schedule; its steps follow with Add-AccordScheduleStep.
    .EXAMPLE
    New-AccordSchedule -Name Nightly -TriggerType Cron -CronExpression '0 2 * * *' -PassThru
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [string] $Description,
        [ValidateSet('Cron', 'Manual')] [string] $TriggerType = 'Manual',
        [string] $CronExpression,
        [ValidateSet('SpecificTimes', 'Interval', 'Custom')] [string] $PatternType,
        [string] $DaysOfWeek,
        [string] $RunTimes,
        [int] $IntervalValue,
        [ValidateSet('Minutes', 'Hours')] [string] $IntervalUnit,
        [bool] $IsEnabled = $true,
        [switch] $PassThru
    )
    if (-not $PSCmdlet.ShouldProcess($Name, 'Make schedule')) { return }
    $body = @{ name = $Name; triggerType = $TriggerType; isEnabled = $IsEnabled; steps = @() }
    $body += Select-AccordGiven $PSBoundParameters @{
        Description = 'description'; CronExpression = 'cronExpression'; PatternType = 'patternType'; DaysOfWeek = 'daysOfWeek'
        RunTimes = 'runTimes'; IntervalValue = 'intervalValue'; IntervalUnit = 'intervalUnit'
    }
    if ($CronExpression -and -not $PatternType) { $body.patternType = 'Custom' }
    $made = Invoke-AccordApi -Method POST -Path '/api/v1/schedules' -Body $body
    if ($PassThru) { $made }
}

function Add-AccordScheduleStep {
    <#
    .SYNOPSIS
    Adds a run profile to the end of a schedule.
    .EXAMPLE
    Add-AccordScheduleStep -ScheduleId $nightly.id -ConnectedSystemId 1 -RunProfileId 1 -ExecutionMode Sequential
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('Id')] [guid] $ScheduleId,
        [Parameter(Mandatory)] [int] $ConnectedSystemId,
        [Parameter(Mandatory)] [int] $RunProfileId,
        [ValidateSet('Sequential', 'ParallelWithPrevious')] [string] $ExecutionMode = 'Sequential',
        [switch] $ContinueOnFailure,
        [int] $TimeoutSeconds
    )
    process {
        if (-not $PSCmdlet.ShouldProcess("schedule $ScheduleId", 'Add step')) { return }
        $schedule = Invoke-AccordApi -Path "/api/v1/schedules/$ScheduleId"
        $steps = @($schedule.steps | Where-Object { $_ })
        $last = @($steps | ForEach-Object stepIndex | Measure-Object -Maximum).Maximum
        $index = if ($null -eq $last) { 0 } elseif ($ExecutionMode -eq 'Sequential') { $last + 1 } else { $last }
        $step = @{
            stepIndex = [int] $index; stepType = 'RunProfile'; executionMode = $ExecutionMode
            continueOnFailure = [bool] $ContinueOnFailure; connectedSystemId = $ConnectedSystemId; runProfileId = $RunProfileId
        }
        if ($TimeoutSeconds) { $step.timeoutSeconds = $TimeoutSeconds }
        $schedule | Add-Member -NotePropertyName steps -NotePropertyValue ($steps + $step) -Force
        Invoke-AccordApi -Method PUT -Path "/api/v1/schedules/$ScheduleId" -Body $schedule
    }
}

function Start-AccordSchedule {
    <#
    .SYNOPSIS
    Runs a schedule now.
    .EXAMPLE
    Start-AccordSchedule -Id $nightly.id -Wait
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('ScheduleId')] [guid] $Id,
        [switch] $Wait,
        [int] $Timeout
    )
    process {
        if (-not $PSCmdlet.ShouldProcess("schedule $Id", 'Run')) { return }
        $told = Invoke-AccordApi -Method POST -Path "/api/v1/schedules/$Id/run"
        if (-not $Wait) { return $told }
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        while ($true) {
            $now = Invoke-AccordApi -Path "/api/v1/schedule-executions/$($told.executionId)"
            Write-Progress -Activity $now.scheduleName -Status "$($now.status), step $($now.currentStepIndex + 1) of $($now.totalSteps)"
            if ($now.status -in 'Complete', 'Failed', 'Cancelled') { break }
            if ($Timeout -and $watch.Elapsed.TotalSeconds -ge $Timeout) {
                throw "Execution $($told.executionId) is not over after $Timeout seconds; it goes on."
            }
            Start-Sleep -Seconds 5
        }
        Write-Progress -Activity $now.scheduleName -Completed
        $now
    }
}

function Enable-AccordSchedule {
    <#
    .SYNOPSIS
    Switches a schedule on.
    .EXAMPLE
    Enable-AccordSchedule -Id $nightly.id
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('ScheduleId')] [guid] $Id)
    process {
        if ($PSCmdlet.ShouldProcess("schedule $Id", 'Enable')) { $null = Invoke-AccordApi -Method POST -Path "/api/v1/schedules/$Id/enable" }
    }
}

function Disable-AccordSchedule {
    <#
    .SYNOPSIS
    Switches a schedule off; what runs goes on.
    .EXAMPLE
    Disable-AccordSchedule -Id $nightly.id
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('ScheduleId')] [guid] $Id)
    process {
        if ($PSCmdlet.ShouldProcess("schedule $Id", 'Disable')) { $null = Invoke-AccordApi -Method POST -Path "/api/v1/schedules/$Id/disable" }
    }
}

function Remove-AccordSchedule {
    <#
    .SYNOPSIS
    Removes a schedule.
    .EXAMPLE
    Remove-AccordSchedule -Id $nightly.id
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param([Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('ScheduleId')] [guid] $Id)
    process {
        if ($PSCmdlet.ShouldProcess("schedule $Id", 'Remove')) { $null = Invoke-AccordApi -Method DELETE -Path "/api/v1/schedules/$Id" }
    }
}

function Get-AccordScheduleExecution {
    <#
    .SYNOPSIS
    Lists executions of schedules, or shows one with the result of each step.
    .EXAMPLE
    Get-AccordScheduleExecution -ScheduleId $nightly.id
    #>
    [CmdletBinding()]
    param([guid] $Id, [Parameter(ValueFromPipelineByPropertyName)] [guid] $ScheduleId, [string] $Status)
    process {
        if ($Id) { return Invoke-AccordApi -Path "/api/v1/schedule-executions/$Id" }
        $query = Select-AccordGiven $PSBoundParameters @{ ScheduleId = 'scheduleId'; Status = 'status' }
        Get-AccordPage -Path '/api/v1/schedule-executions' -Query $query
    }
}
