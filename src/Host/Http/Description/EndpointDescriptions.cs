namespace PluginHost.Http.Description;

/// <summary>A header that an endpoint reads, as endpoint metadata.</summary>
internal sealed record RequestHeader(string Name, string Description);

/// <summary>What the event stream of an endpoint holds, as endpoint metadata.</summary>
/// <param name="Text">The events, in order.</param>
/// <param name="Payloads">The types of their data that no other schema mentions.</param>
internal sealed record StreamDescription(string Text, params IReadOnlyList<Type> Payloads);
