using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.ModelClients.Echo;
using PluginHost.ModelClients.OpenAI;

namespace PluginHost.ModelClients;

/// <summary>
/// Creates the built-in chat clients by their names in <c>Model:Client</c>. Thread-safe. Disposing it also ends its clients.
/// </summary>
/// <param name="loggers">The logs.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="environment">Reads an environment variable; null for the process's.</param>
/// <param name="traceOnly">Sends a trace to a model's server without the caller's baggage; null for the platform's propagator.</param>
internal sealed class BuiltInChatClients(
    ILoggerFactory loggers, TimeProvider timeProvider, Func<string, string?>? environment = null, DistributedContextPropagator? traceOnly = null) : IDisposable
{
    public const string Echo = "echo";
    public const string OpenAI = "openai";

    private readonly OpenAIChatClients _openAI = new(loggers.CreateLogger<OpenAIChatClients>(), timeProvider, environment, traceOnly);

    /// <summary>The options record of each client, to which the other members of the <c>Model</c> section are bound.</summary>
    public static IReadOnlyDictionary<string, Type> OptionTypes { get; } = new Dictionary<string, Type>
    {
        [Echo] = typeof(EchoOptions),
        [OpenAI] = typeof(OpenAIOptions),
    };

    /// <summary>Creates the client of one agent. Does not connect.</summary>
    /// <param name="model">The agent's <c>Model:Model</c>; null for the client's default.</param>
    /// <param name="options">The client's options, of its type in <see cref="OptionTypes"/>.</param>
    /// <exception cref="ModelOptionsException">The options are invalid.</exception>
    public IChatClient Create(string? model, object options) => options switch
    {
        EchoOptions echo => new EchoChatClient(echo, timeProvider),
        OpenAIOptions openAI => _openAI.Create(model, openAI),
        _ => throw new ArgumentException($"No chat client has options of type {options?.GetType()}.", nameof(options)),
    };

    public void Dispose() => _openAI.Dispose();
}
