# Names become ids: exactly one thing must have the name.

function Resolve-AccordSystemId {
    param([string] $Name)
    $found = @(Get-AccordPage -Path '/api/v1/synchronisation/connected-systems' | Where-Object name -EQ $Name)
    if ($found.Count -ne 1) { throw "There are $($found.Count) connected systems named '$Name'; exactly one is needed." }
    [int] $found[0].id
}

function Resolve-AccordRunProfileId {
    param([int] $ConnectedSystemId, [string] $Name)
    $all = Invoke-AccordApi -Path "/api/v1/synchronisation/connected-systems/$ConnectedSystemId/run-profiles"
    $found = @($all | Where-Object name -EQ $Name)
    if ($found.Count -ne 1) {
        throw "The connected system $ConnectedSystemId has $($found.Count) run profiles named '$Name'; exactly one is needed."
    }
    [int] $found[0].id
}

function Select-AccordGiven {
    # The parameters that were given, under the names the API knows them by.
    param([System.Collections.IDictionary] $Bound, [System.Collections.IDictionary] $Names)
    $body = @{}
    foreach ($name in $Names.Keys) {
        if ($Bound.ContainsKey($name)) {
            $value = $Bound[$name]
            $body[$Names[$name]] = if ($value -is [switch]) { [bool] $value } else { $value }
        }
    }
    $body
}
