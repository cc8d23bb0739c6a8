namespace PluginHost.Sdk;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">The items' type.</typeparam>
public sealed record Page<T>
{
    /// <summary>The items in the order of the query.</summary>
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>Whether more items follow in the direction of the query.</summary>
    public required bool HasMore { get; init; }
}

/// <summary>The order of a list.</summary>
public enum ListOrder
{
    /// <summary>Oldest first.</summary>
    Ascending,

    /// <summary>Newest first.</summary>
    Descending,
}
