
namespace PluginHost.Engine.Configuration.Model;

/// <summary>The model of an agent.</summary>
internal sealed record ModelConfiguration
{
    /// <summary><c>echo</c>, <c>openai</c>, or the name of a chat client plugin.</summary>
    public string Client { get; init; } = "echo";

    public string? Model { get; init; }

    /// <summary>All other members of the section: the client's options, still unbound.</summary>
    public OptionsSection Options { get; init; } = OptionsSection.Empty;

    /// <summary>The entry of the chat client plugin; null for the host's own clients, <c>echo</c> and <c>openai</c>.</summary>
    public PluginEntry? Plugin { get; init; }
}
