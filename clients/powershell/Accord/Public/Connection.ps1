function Connect-Accord {
    <#
    .SYNOPSIS
    Connects this session to an Accord server.
    .DESCRIPTION
    With -ApiKey by key; without, by signing in with the provider the server names, in a browser.
    The key is kept in this session only.
    .EXAMPLE
    Connect-Accord -Url 'https://accord.example.com' -ApiKey 'jim_ak_...'
    .EXAMPLE
    Connect-Accord -Url 'https://accord.example.com'
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Url,
        [string] $ApiKey,
        [int] $Port = 8400
    )
    $address = $Url.TrimEnd('/')
    $script:Connection = [pscustomobject]@{ Url = $address; Headers = @{} }
    try {
        $health = Invoke-AccordApi -Path '/api/v1/health'
        $headers = if ($ApiKey) { @{ 'X-API-Key' = $ApiKey } } else { Get-AccordBearer -Port $Port }
        $script:Connection = [pscustomobject]@{ Url = $address; Headers = $headers }
        $version = (Invoke-AccordApi -Path '/api/v1/health/version').version
    }
    catch {
        $script:Connection = $null
        throw
    }
    [pscustomobject]@{ Url = $address; Status = $health.status; Version = $version }
}

function Disconnect-Accord {
    <#
    .SYNOPSIS
    Forgets the server and the credentials of this session.
    .EXAMPLE
    Disconnect-Accord
    #>
    [CmdletBinding()]
    param()
    $script:Connection = $null
}

function Test-AccordConnection {
    <#
    .SYNOPSIS
    Tells whether the server answers.
    .EXAMPLE
    if (Test-AccordConnection -Quiet) { 'there' }
    #>
    [CmdletBinding()]
    param([switch] $Quiet)
    $isThere = $false
    try {
        $health = Invoke-AccordApi -Path '/api/v1/health'
        $isThere = $health.status -eq 'healthy'
    }
    catch {
        if (-not $Quiet) { throw }
    }
    if ($Quiet) { $isThere } else { $health }
}

function Get-AccordBearer {
    # Code flow with PKCE: a browser signs in, and comes back to this machine.
    param([int] $Port)
    $config = Invoke-AccordApi -Path '/api/v1/auth/config'
    $about = Invoke-RestMethod -Uri ($config.authority.TrimEnd('/') + '/.well-known/openid-configuration')
    $verifier = New-AccordToken
    $state = New-AccordToken
    $hash = [System.Security.Cryptography.SHA256]::HashData([System.Text.Encoding]::ASCII.GetBytes($verifier))
    $back = "http://localhost:$Port/"
    $query = ConvertTo-AccordQuery ([ordered]@{
            response_type         = 'code'
            client_id             = $config.clientId
            redirect_uri          = $back
            scope                 = @($config.scopes) -join ' '
            state                 = $state
            code_challenge        = ConvertTo-AccordBase64Url $hash
            code_challenge_method = 'S256'
        })
    $listener = [System.Net.HttpListener]::new()
    $listener.Prefixes.Add($back)
    $listener.Start()
    try {
        Start-Process ($about.authorization_endpoint + $query)
        Write-Host 'Sign in with the browser that has opened.'
        $context = $listener.GetContext()
        $answer = [System.Text.Encoding]::UTF8.GetBytes('Signed in. You may close this page.')
        $context.Response.OutputStream.Write($answer, 0, $answer.Length)
        $context.Response.Close()
    }
    finally {
        $listener.Stop()
    }
    $told = $context.Request.QueryString
    if ($told['state'] -ne $state) { throw 'The answer does not belong to this sign-in.' }
    if (-not $told['code']) { throw "The provider did not sign you in: $($told['error'])" }
    $tokens = Invoke-RestMethod -Method POST -Uri $about.token_endpoint -Body @{
        grant_type = 'authorization_code'; code = $told['code']; redirect_uri = $back
        client_id = $config.clientId; code_verifier = $verifier
    }
    @{ Authorization = "Bearer $($tokens.access_token)" }
}

function New-AccordToken {
    $bytes = [byte[]]::new(48)
    [System.Security.Cryptography.RandomNumberGenerator]::Fill($bytes)
    ConvertTo-AccordBase64Url $bytes
}

function ConvertTo-AccordBase64Url {
    param([byte[]] $Bytes)
    [Convert]::ToBase64String($Bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_')
}
