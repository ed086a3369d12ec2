# Run with: Invoke-Pester clients/powershell/Tests   (PowerShell 7, Pester 5). No server is needed.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../Accord/Accord.psd1') -Force
}

Describe 'Accord' {
    BeforeEach {
        $script:asked = [System.Collections.Generic.List[object]]::new()
        Mock -ModuleName Accord Invoke-RestMethod {
            $script:asked.Add([pscustomobject]@{ Method = $Method; Uri = [string] $Uri; Headers = $Headers; Body = $Body })
            switch -Regex ($Uri) {
                'health/version$' { [pscustomobject]@{ version = '1.0' } }
                'health$' { [pscustomobject]@{ status = 'healthy' } }
                'run-profiles$' { , @([pscustomobject]@{ id = 3; name = 'Delta Import' }, [pscustomobject]@{ id = 4; name = 'Export' }) }
                'execute$' { [pscustomobject]@{ activityId = [guid]::NewGuid(); taskId = [guid]::NewGuid(); message = 'queued'; warnings = @() } }
                'progress$' { [pscustomobject]@{ id = 'x'; status = 'Complete'; objectsProcessed = 5; objectsToProcess = 5; percentComplete = 100 } }
                'connected-systems\?' { [pscustomobject]@{ items = @([pscustomobject]@{ id = 1; name = 'Corporate LDAP' }); hasNextPage = $false } }
                default { [pscustomobject]@{ id = 'x'; status = 'Complete' } }
            }
        }
        Connect-Accord -Url 'https://accord.example.com/' -ApiKey 'jim_ak_test' | Out-Null
        $script:asked.Clear()
    }

    It 'sends the key with every request and trims the address' {
        Test-AccordConnection -Quiet | Should -BeTrue
        $script:asked[0].Uri | Should -Be 'https://accord.example.com/api/v1/health'
        $script:asked[0].Headers.'X-API-Key' | Should -Be 'jim_ak_test'
    }

    It 'executes by id without a body' {
        Start-AccordRunProfile -ConnectedSystemId 1 -RunProfileId 3
        $script:asked[0].Method | Should -Be 'POST'
        $script:asked[0].Uri | Should -BeLike '*/connected-systems/1/run-profiles/3/execute'
        $script:asked[0].Body | Should -BeNullOrEmpty
    }

    It 'executes by name' {
        Start-AccordRunProfile -ConnectedSystemName 'Corporate LDAP' -RunProfileName 'Delta Import'
        $script:asked[-1].Uri | Should -BeLike '*/connected-systems/1/run-profiles/3/execute'
    }

    It 'executes what comes through the pipeline, under the names of the specification' {
        $told = Get-JIMRunProfile -ConnectedSystemId 1 | Where-Object { $_.name -eq 'Delta Import' } | Start-JIMRunProfile -PassThru
        $told.activityId | Should -Not -BeNullOrEmpty
        $script:asked[-1].Uri | Should -BeLike '*/connected-systems/1/run-profiles/3/execute'
    }

    It 'waits until the run is over' {
        Start-AccordRunProfile -ConnectedSystemId 1 -RunProfileId 3 -Wait -Timeout 30
        ($script:asked.Uri -like '*/progress').Count | Should -Be 1
    }

    It 'plans instead of writing with -WhatIf' {
        Start-AccordRunProfile -ConnectedSystemId 1 -RunProfileId 3 -WhatIf
        $script:asked[-1].Uri | Should -BeLike '*/api/v1/plans'
        ($script:asked.Uri -like '*/execute').Count | Should -Be 0
    }

    It 'selects a container with no more than it was told' {
        Set-JIMConnectedSystemContainer -ConnectedSystemId 2 -ContainerId 7 -Selected $true
        $script:asked[-1].Uri | Should -BeLike '*/connected-systems/2/containers/7'
        ($script:asked[-1].Body | ConvertFrom-Json).PSObject.Properties.Name | Should -Be @('selected')
    }

    It 'makes a matching rule of a synchronisation rule, its sources in order' {
        New-JIMSyncRuleMatchingRule -SyncRuleId 5 -ObjectTypeId 4 -MetaverseObjectTypeId 2 -SourceAttributeId 31, 32 -TargetMetaverseAttributeId 11
        $script:asked[-1].Uri | Should -BeLike '*/sync-rules/5/matching-rules'
        $body = $script:asked[-1].Body | ConvertFrom-Json
        $body.sources.order | Should -Be @(0, 1)
        $body.caseSensitive | Should -BeTrue
    }

    It 'has an alias in the specification''s names for every command' {
        $module = Get-Module Accord
        foreach ($name in $module.ExportedFunctions.Keys) {
            $module.ExportedAliases.Keys | Should -Contain ($name -replace '-Accord', '-JIM')
        }
    }
}
