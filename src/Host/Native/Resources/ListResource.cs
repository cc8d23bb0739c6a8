using System.ComponentModel;
using PluginHost.Sdk;

namespace PluginHost.Native.Resources;

/// <summary>One page of a list.</summary>
internal sealed record ListResource<T>(
    IReadOnlyList<T> Data,
    [property: Description("Whether there are more items in the direction of the query.")] bool HasMore)
{
    [Description("After which id to continue, in lists whose pages may be empty although more follow. Absent in others, and when there is no more.")]
    public string? Next { get; init; }

    public static ListResource<T> From<TItem>(Page<TItem> page, Func<TItem, T> map) => new([.. page.Items.Select(map)], page.HasMore);
}
