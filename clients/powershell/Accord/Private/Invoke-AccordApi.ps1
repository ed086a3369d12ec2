# Every request goes through here: credentials, no redirects, waiting when the server asks for it, errors as it tells them.

$script:Connection = $null
$script:MostRetries = 5

function Get-AccordConnection {
    if ($null -eq $script:Connection) {
        throw 'Not connected. Run Connect-Accord first.'
    }
    $script:Connection
}

function Invoke-AccordApi {
    [CmdletBinding()]
    param(
        [ValidateSet('GET', 'POST', 'PUT', 'PATCH', 'DELETE')] [string] $Method = 'GET',
        [Parameter(Mandatory)] [string] $Path,
        [System.Collections.IDictionary] $Query = @{},
        [object] $Body
    )
    $connection = Get-AccordConnection
    $request = @{
        Method             = $Method
        Uri                = $connection.Url + $Path + (ConvertTo-AccordQuery $Query)
        Headers            = @{ Accept = 'application/json' } + $connection.Headers
        ContentType        = 'application/json'
        MaximumRedirection = 0
    }
    if ($PSBoundParameters.ContainsKey('Body')) {
        $json = if ($Body -is [string]) { $Body } else { ConvertTo-Json -InputObject $Body -Depth 20 -Compress }
        $request.Body = [System.Text.Encoding]::UTF8.GetBytes($json)
    }
    for ($try = 0; ; $try++) {
        try {
            return Invoke-RestMethod @request
        }
        catch [Microsoft.PowerShell.Commands.HttpResponseException] {
            $status = [int] $_.Exception.Response.StatusCode
            if ($status -eq 429 -and $try -lt $script:MostRetries) {
                Start-Sleep -Seconds (Get-AccordRetryDelay $_.Exception.Response $try)
                continue
            }
            throw (ConvertTo-AccordError $status $_.ErrorDetails.Message)
        }
    }
}

function ConvertTo-AccordQuery {
    param([System.Collections.IDictionary] $Query)
    $pairs = foreach ($name in $Query.Keys) {
        foreach ($value in @($Query[$name])) {
            if ($null -eq $value -or $value -eq '') { continue }
            $text = switch ($value) {
                { $_ -is [bool] } { $_.ToString().ToLowerInvariant() }
                { $_ -is [datetime] } { $_.ToUniversalTime().ToString('o') }
                default { [string] $_ }
            }
            '{0}={1}' -f $name, [uri]::EscapeDataString($text)
        }
    }
    if ($pairs) { '?' + (@($pairs) -join '&') } else { '' }
}

function Get-AccordRetryDelay {
    param([object] $Response, [int] $Try)
    $told = $Response.Headers.RetryAfter.Delta
    $seconds = if ($told) { $told.TotalSeconds } else { [math]::Pow(2, $Try) }
    [math]::Min(60, [math]::Max(1, $seconds))
}

function ConvertTo-AccordError {
    param([int] $Status, [string] $Text)
    $told = $null
    try { $told = $Text | ConvertFrom-Json } catch { $told = $null }
    $message = if ($told.message) { $told.message } elseif ($Text) { $Text } else { "HTTP $Status" }
    foreach ($field in @($told.validationErrors.PSObject.Properties)) {
        if ($field) { $message += "`n  $($field.Name): $(@($field.Value) -join '; ')" }
    }
    if ($told.details) { $message += "`n  $($told.details)" }
    switch ($Status) {
        401 { "Authentication failed (401): $message" }
        403 { "Not allowed (403): $message" }
        404 { "Resource not found (404): $message" }
        default { "Accord API error ($Status): $message" }
    }
}

function Get-AccordPage {
    # Every item of a list that comes in pages.
    param([Parameter(Mandatory)] [string] $Path, [System.Collections.IDictionary] $Query = @{})
    for ($page = 1; ; $page++) {
        $found = Invoke-AccordApi -Path $Path -Query ($Query + @{ page = $page; pageSize = 100 })
        $found.items
        if (-not $found.hasNextPage) { return }
    }
}
