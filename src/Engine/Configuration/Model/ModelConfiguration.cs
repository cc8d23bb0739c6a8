using System.ComponentModel.DataAnnotations;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>What is done with parameters of a request that OpenAI's interface does not define.</summary>
internal enum UnknownParameters
{
    /// <summary>The request is refused, so that a misspelt one is noticed.</summary>
    Refuse,

    /// <summary>They are passed to the model's server.</summary>
    Pass,

    /// <summary>They are left out.</summary>
    Drop,
}

/// <summary>The model of an agent. All other members of its section are options of a built-in client.</summary>
internal sealed record ModelConfiguration : Settings
{
    /// <summary>The built-in chat clients; a plugin may not have one of their names.</summary>
    public static IReadOnlyList<string> BuiltInClients { get; } = ["echo", "openai"];

    /// <summary>A built-in chat client, or the name of a chat client plugin.</summary>
    public string Client { get; init; } = "echo";

    /// <summary>The model's name; null for the client's default.</summary>
    public string? Model { get; init; }

    /// <summary>What is done with parameters of a request that OpenAI's interface does not define.</summary>
    public UnknownParameters UnknownParameters { get; init; }

    /// <summary>How many tokens a request and its answer may have; null for what is known of the model, or learnt from its server.</summary>
    [Range(256, 100_000_000)]
    public int? ContextTokens { get; init; }

    /// <summary>
    /// How many of them are kept for the answer when neither the request nor <c>Parameters</c> limits it; null for an eighth, and at most 8192.
    /// </summary>
    [Range(1, 100_000_000)]
    public int? AnswerTokens { get; init; }

    /// <summary>Whether the model's server has the Responses interface: its tools and items pass as they are.</summary>
    public bool HasResponses => Client == "openai" && "Responses".Equals(Options.Json["Api"]?.ToString(), StringComparison.OrdinalIgnoreCase);

    /// <summary>How the host treats the plugin of a chat client: its <c>Timeout</c>.</summary>
    public EntrySettings Host { get; init; } = new();

    /// <summary>The client's options, still unbound.</summary>
    public OptionsSection Options { get; init; } = OptionsSection.Empty;

    /// <summary>The entry of the chat client plugin; null for a built-in client.</summary>
    public PluginEntry? Plugin { get; internal init; }
}
