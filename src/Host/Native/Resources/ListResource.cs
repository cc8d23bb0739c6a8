using System.ComponentModel;
using PluginHost.Sdk;

namespace PluginHost.Native.Resources;

/// <summary>One page of a list.</summary>
internal sealed record ListResource<T>(
    IReadOnlyList<T> Data,
    [property: Description("Whether there are more items in the direction of the query.")] bool HasMore)
{
    public static ListResource<T> From<TItem>(Page<TItem> page, Func<TItem, T> map) => new([.. page.Items.Select(map)], page.HasMore);
}
