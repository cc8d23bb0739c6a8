namespace PluginHost.Engine.Configuration.Model;

/// <summary>The model of an agent. All other members of its section are options of the client.</summary>
internal sealed record ModelConfiguration : SettingsWithOptions
{
    /// <summary>The built-in chat clients; a plugin may not have one of their names.</summary>
    public static IReadOnlyList<string> BuiltInClients { get; } = ["echo", "openai"];

    /// <summary>A built-in chat client, or the name of a chat client plugin.</summary>
    public string Client { get; init; } = "echo";

    /// <summary>The model's name; null for the client's default.</summary>
    public string? Model { get; init; }

    /// <summary>The entry of the chat client plugin; null for a built-in client.</summary>
    public PluginEntry? Plugin { get; internal init; }
}
