namespace PluginHost.OpenAI.Wire;

/// <summary>An error; all members are always there.</summary>
internal sealed record Error(string Message, string Type, string? Param, string? Code);

/// <summary>The body of an answer that is an error, and the data of an event in the middle of a stream of chat chunks.</summary>
internal sealed record ErrorBody(Error Error);
