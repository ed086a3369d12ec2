# Returns what a request for a matching rule carries, from the parameters a command was given.
function New-AccordMatchingBody {
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Given)
    $order = 0
    $sources = foreach ($attribute in $Given.SourceAttributeId) {
        @{ order = $order; connectedSystemAttributeId = $attribute }
        $order++
    }
    $body = @{
        connectedSystemObjectTypeId = $Given.ObjectTypeId; metaverseObjectTypeId = $Given.MetaverseObjectTypeId
        targetMetaverseAttributeId = $Given.TargetMetaverseAttributeId; sources = @($sources)
        caseSensitive = if ($Given.ContainsKey('CaseSensitive')) { $Given.CaseSensitive } else { $true }
    }
    if ($Given.ContainsKey('Order')) { $body.order = $Given.Order }
    $body
}
