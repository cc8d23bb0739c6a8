using System.Net.Http.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

[assembly: Plugin("effects", typeof(EffectPlugin.Effects), Options = typeof(EffectPlugin.EffectOptions))]

namespace EffectPlugin;

/// <param name="Endpoint">Where the tools act.</param>
/// <param name="AsksFirst">Whether the plugin asks there before it contributes to a run.</param>
public sealed record EffectOptions(string Endpoint, bool AsksFirst = false);

/// <summary>Gives a tool that must act once and one that may be repeated. Both act on another server, with the key of their call.</summary>
public sealed class Effects(EffectOptions options, PluginContext context) : IContextProvider, IDisposable
{
    private readonly HttpClient _http = new();

    public PluginContext Context { get; } = context;

    public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
    {
        if (options.AsksFirst) await _http.GetStringAsync(options.Endpoint, cancellationToken);
        return new ContextContribution { Tools = [AIFunctionFactory.Create(ChargeAsync, "charge"), AIFunctionFactory.Create(LookAsync, "look")] };
    }

    public void Dispose() => _http.Dispose();

    private Task<string> ChargeAsync(string effect, AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        ActAsync("charge", effect, arguments, cancellationToken);

    [RepeatableTool]
    private Task<string> LookAsync(string effect, AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        ActAsync("look", effect, arguments, cancellationToken);

    private async Task<string> ActAsync(string tool, string effect, AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var act = new Dictionary<string, string> { ["key"] = arguments.GetIdempotencyKey(), ["tool"] = tool, ["effect"] = effect };
        using var response = await _http.PostAsJsonAsync(options.Endpoint, act, cancellationToken);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
    }
}
