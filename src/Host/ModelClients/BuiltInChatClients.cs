using Microsoft.Extensions.AI;
using PluginHost.ModelClients.Echo;
using PluginHost.ModelClients.OpenAI;

namespace PluginHost.ModelClients;

/// <summary>
/// The chat clients that need no plugin, by the name that <c>Model:Client</c> has for them. Thread-safe; the clients it made end
/// with it.
/// </summary>
internal sealed class BuiltInChatClients(ILoggerFactory loggers, TimeProvider timeProvider, Func<string, string?>? environment = null) : IDisposable
{
    public const string Echo = "echo";
    public const string OpenAI = "openai";

    private readonly OpenAIChatClients _openAI = new(loggers.CreateLogger<OpenAIChatClients>(), timeProvider, environment);

    /// <summary>The names, and the record that the other members of the <c>Model</c> section are bound to.</summary>
    public static IReadOnlyDictionary<string, Type> OptionTypes { get; } = new Dictionary<string, Type>
    {
        [Echo] = typeof(EchoOptions),
        [OpenAI] = typeof(OpenAIOptions),
    };

    /// <summary>Makes the client of one agent. Connects to nothing.</summary>
    /// <param name="model">The agent's <c>Model:Model</c>; null for the client's default.</param>
    /// <param name="options">A record of the type that <see cref="OptionTypes"/> has for the client.</param>
    /// <exception cref="ModelOptionsException">Something is wrong with the options.</exception>
    public IChatClient Create(string? model, object options) => options switch
    {
        EchoOptions echo => new EchoChatClient(echo, timeProvider),
        OpenAIOptions openAI => _openAI.Create(model, openAI),
        _ => throw new ArgumentException($"There is no chat client with options of type {options?.GetType()}.", nameof(options)),
    };

    public void Dispose() => _openAI.Dispose();
}
