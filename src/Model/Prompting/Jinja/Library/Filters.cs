using System.Collections.Frozen;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>What stands behind <c>|</c>: a function of the value before it.</summary>
internal delegate JinjaValue Filter(RenderContext context, JinjaValue value, CallArguments arguments);

/// <summary>The filters that templates may use.</summary>
internal static class Filters
{
    private static readonly FrozenDictionary<string, Filter> All = TextFilters.All
        .Concat(SequenceFilters.All)
        .Concat(NumberFilters.All)
        .Concat(ValueFilters.All)
        .ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A filter by its name; null where there is none.</summary>
    public static Filter? Find(string name) => All.GetValueOrDefault(name);
}
