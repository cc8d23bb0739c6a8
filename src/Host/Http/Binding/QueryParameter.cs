namespace PluginHost.Http.Binding;

/// <summary>A query parameter of an endpoint: what is not declared is refused, and what is declared is in the OpenAPI document.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The JSON type: string, integer or boolean.</param>
/// <param name="Description">For a person.</param>
internal sealed record QueryParameter(string Name, string Type, string Description)
{
    public IReadOnlyList<string> Values { get; init; } = [];

    public static QueryParameter Limit { get; } = new("limit", "integer", "How many items at most, 1 to 100; 20 unless set.");

    public static QueryParameter Order { get; } = new("order", "string", "Oldest (asc) or newest (desc) first; asc unless set.")
    {
        Values = ["asc", "desc"],
    };

    public static QueryParameter After { get; } = new("after", "string", "Only items after the one with this id, in the order of the list.");

    public static QueryParameter Before { get; } = new("before", "string", "Only items before the one with this id, in the order of the list.");

    public static QueryParameter IncludeFailed { get; } =
        new("include_failed", "boolean", "Whether messages of failed runs are listed; false unless set.");

    public static QueryParameter Messages { get; } = new("messages", "boolean", "Whether the snapshot holds the messages; false unless set.");
}

/// <summary>The query parameters of an endpoint, as endpoint metadata.</summary>
internal sealed record QueryParameters(params IReadOnlyList<QueryParameter> All)
{
    public static QueryParameters None { get; } = new();
}
