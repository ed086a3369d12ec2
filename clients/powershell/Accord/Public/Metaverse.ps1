function Get-AccordMetaverseObjectType {
    <#
    .SYNOPSIS
    Lists the kinds of identities, or shows one with its attributes.
    .EXAMPLE
    Get-AccordMetaverseObjectType | Where-Object name -EQ person
    #>
    [CmdletBinding()]
    param([Parameter(ValueFromPipelineByPropertyName)] [int] $Id)
    process {
        if ($Id) { return Invoke-AccordApi -Path "/api/v1/metaverse/object-types/$Id" }
        Get-AccordPage -Path '/api/v1/metaverse/object-types'
    }
}

function Get-AccordMetaverseAttribute {
    <#
    .SYNOPSIS
    Lists the attributes of identities, or shows one.
    .EXAMPLE
    Get-AccordMetaverseAttribute | Format-Table id, name, type
    #>
    [CmdletBinding()]
    param([Parameter(ValueFromPipelineByPropertyName)] [int] $Id)
    process {
        if ($Id) { return Invoke-AccordApi -Path "/api/v1/metaverse/attributes/$Id" }
        Get-AccordPage -Path '/api/v1/metaverse/attributes'
    }
}

function New-AccordMetaverseAttribute {
    <#
    .SYNOPSIS
    Makes an attribute of identities.
    .EXAMPLE
    New-AccordMetaverseAttribute -Name nickname -Type Text -ObjectTypeIds 2
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)]
        [ValidateSet('Text', 'Number', 'LongNumber', 'Decimal', 'DateTime', 'Boolean', 'Guid', 'Binary', 'Reference')] [string] $Type,
        [ValidateSet('SingleValued', 'MultiValued')] [string] $Plurality = 'SingleValued',
        [int[]] $ObjectTypeIds = @()
    )
    if (-not $PSCmdlet.ShouldProcess($Name, 'Make metaverse attribute')) { return }
    Invoke-AccordApi -Method POST -Path '/api/v1/metaverse/attributes' -Body @{
        name = $Name; type = $Type; attributePlurality = $Plurality; objectTypeIds = $ObjectTypeIds
    }
}

function Get-AccordMetaverseObject {
    <#
    .SYNOPSIS
    Finds identities, or shows one with its values, where each came from, and its accounts.
    .EXAMPLE
    Get-AccordMetaverseObject -Search meyer
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'ById', ValueFromPipelineByPropertyName)] [guid] $Id,
        [Parameter(ParameterSetName = 'List')] [int] $ObjectTypeId,
        [Parameter(ParameterSetName = 'List')] [string] $Search,
        [Parameter(ParameterSetName = 'List')] [string[]] $Attributes,
        [Parameter(ParameterSetName = 'List')] [switch] $All
    )
    process {
        if ($PSCmdlet.ParameterSetName -eq 'ById') { return Invoke-AccordApi -Path "/api/v1/metaverse/objects/$Id" }
        $query = Select-AccordGiven $PSBoundParameters @{ ObjectTypeId = 'objectTypeId'; Search = 'search'; Attributes = 'attributes' }
        if ($All) { return Get-AccordPage -Path '/api/v1/metaverse/objects' -Query $query }
        (Invoke-AccordApi -Path '/api/v1/metaverse/objects' -Query $query).items
    }
}

function Get-AccordPendingDeletion {
    <#
    .SYNOPSIS
    Lists identities whose deletion waits.
    .EXAMPLE
    Get-AccordPendingDeletion
    #>
    [CmdletBinding()]
    param()
    Get-AccordPage -Path '/api/v1/metaverse/pending-deletions'
}
