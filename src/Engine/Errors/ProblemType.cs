namespace PluginHost.Engine.Errors;

/// <summary>A kind of refusal. Interfaces choose their status and code by it.</summary>
/// <param name="Slug">The stable name, for example <c>session-not-found</c>. Part of the HTTP API: do not rename.</param>
/// <param name="Meaning">When it is used, for the documentation.</param>
internal sealed record ProblemType(string Slug, string Meaning);
