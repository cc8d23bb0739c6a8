namespace PluginHost.Sdk;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">The items' type.</typeparam>
/// <param name="Items">The items in the order of the query.</param>
/// <param name="HasMore">Whether more items follow in the direction of the query.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, bool HasMore);

/// <summary>The order of a list.</summary>
public enum ListOrder
{
    /// <summary>Oldest first.</summary>
    Ascending,

    /// <summary>Newest first.</summary>
    Descending,
}
