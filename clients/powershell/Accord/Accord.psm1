# Accord for PowerShell 7. Each cmdlet is one request of the API, or a few; the same words, the same answers.
$ErrorActionPreference = 'Stop'

foreach ($folder in 'Private', 'Public') {
    foreach ($file in Get-ChildItem -Path (Join-Path $PSScriptRoot $folder) -Filter '*.ps1') { . $file.FullName }
}

# Scripts written for the specification's names run unchanged.
$public = Get-ChildItem -Path (Join-Path $PSScriptRoot 'Public') -Filter '*.ps1' |
    ForEach-Object { [regex]::Matches((Get-Content -Raw $_.FullName), '(?m)^function (\w+-Accord\w*)') } |
    ForEach-Object { $_.Groups[1].Value } |
    Where-Object { $_ -notin 'ConvertTo-AccordBase64Url', 'Get-AccordBearer', 'New-AccordToken', 'Show-AccordProgress' }
foreach ($name in $public) {
    Set-Alias -Name ($name -replace '-Accord', '-JIM') -Value $name
}
Export-ModuleMember -Function $public -Alias '*-JIM*'
