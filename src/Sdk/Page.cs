namespace PluginHost.Sdk;

/// <summary>A part of a list.</summary>
/// <typeparam name="T">The items' type.</typeparam>
/// <param name="Items">The items, in the order that was asked for.</param>
/// <param name="HasMore">Whether there are more items in the direction of the query.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, bool HasMore);

/// <summary>The order of a list.</summary>
public enum ListOrder
{
    /// <summary>Oldest first.</summary>
    Ascending,

    /// <summary>Newest first.</summary>
    Descending,
}
