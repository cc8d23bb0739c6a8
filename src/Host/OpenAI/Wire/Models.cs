namespace PluginHost.OpenAI.Wire;

/// <summary>A model: an agent.</summary>
internal sealed record Model(string Id, string Object, long Created, string OwnedBy);

internal sealed record ModelList(string Object, IReadOnlyList<Model> Data);
