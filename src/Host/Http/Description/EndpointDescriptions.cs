namespace PluginHost.Http.Description;

/// <summary>A header that an endpoint reads, as endpoint metadata.</summary>
internal sealed record RequestHeader(string Name, string Description);

/// <summary>A header of an endpoint's answers, as endpoint metadata.</summary>
internal sealed record ResponseHeader(string Name, string Description, params IReadOnlyList<int> Statuses);

/// <summary>What the event stream of an endpoint holds, as endpoint metadata.</summary>
/// <param name="Text">The events, in order.</param>
/// <param name="Resources">The types of their data that other endpoints answer with too.</param>
/// <param name="Payloads">The types of their data that no other schema mentions.</param>
internal sealed record StreamDescription(string Text, IReadOnlyList<Type> Resources, params IReadOnlyList<Type> Payloads);
