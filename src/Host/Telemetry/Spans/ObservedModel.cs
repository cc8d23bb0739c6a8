using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Telemetry.Metrics;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>A model as its calls are described in spans and metrics. Immutable.</summary>
/// <param name="metadata">Its provider, address and name; null when they are not known.</param>
/// <param name="operation">What it is asked for, for example <c>chat</c>.</param>
/// <param name="agent">The agent whose model it is.</param>
/// <param name="plugin">The plugin that calls it; null for runs.</param>
/// <param name="instruments">The activity source and the instruments.</param>
/// <param name="time">The clock for measurements.</param>
/// <param name="capturesContent">Whether spans may have texts of callers: their stop sequences and the names of their tools.</param>
internal sealed class ObservedModel(
    ChatClientMetadata? metadata, string operation, string agent, string? plugin, ModelInstruments instruments, TimeProvider time, bool capturesContent)
{
    public ModelInstruments Instruments { get; } = instruments;

    public TimeProvider Time { get; } = time;

    /// <summary>Begins a call.</summary>
    public ModelCall Begin(ChatOptions? options, bool isStreamed = true)
    {
        var model = options?.ModelId ?? metadata?.DefaultModelId;
        var tags = GetTags(model);
        var activity = Instruments.Source.StartActivity(model is null ? operation : $"{operation} {model}", ActivityKind.Client);
        if (activity is { IsAllDataRequested: true })
        {
            foreach (var (name, value) in tags) activity.AddTag(name, value);
            activity.AddTag(Attributes.RequestStream, isStreamed);
            if (options is not null) AddOptions(activity, options);
        }

        // Metrics have only so many models.
        var counted = model is null ? null : Instruments.ModelNames.Clamp(model);
        return new ModelCall(this, activity, counted == model ? tags : GetTags(counted));
    }

    /// <summary>The attributes that spans and metrics of a call share.</summary>
    private TagList GetTags(string? model)
    {
        var tags = new TagList { new(Attributes.OperationName, operation), new(Attributes.AgentName, agent) };
        if (plugin is not null) tags.Add(Attributes.PluginName, plugin);
        if (model is not null) tags.Add(Attributes.RequestModel, model);
        if (metadata?.ProviderName is { } provider) tags.Add(Attributes.ProviderName, provider);
        if (metadata?.ProviderUri is not { } address) return tags;
        tags.Add(Attributes.ServerAddress, address.Host);
        tags.Add(Attributes.ServerPort, address.Port);
        return tags;
    }

    private void AddOptions(Activity activity, ChatOptions options)
    {
        Add(Attributes.RequestFrequencyPenalty, options.FrequencyPenalty);
        Add(Attributes.RequestMaxTokens, options.MaxOutputTokens);
        Add(Attributes.RequestPresencePenalty, options.PresencePenalty);
        Add(Attributes.RequestSeed, options.Seed);
        Add(Attributes.RequestTemperature, options.Temperature);
        Add(Attributes.RequestTopK, options.TopK);
        Add(Attributes.RequestTopP, options.TopP);
        if (capturesContent && options.StopSequences is { Count: > 0 } stops) activity.AddTag(Attributes.RequestStopSequences, stops.ToArray());
        if (options.ResponseFormat is ChatResponseFormatText) activity.AddTag(Attributes.OutputType, "text");
        if (options.ResponseFormat is ChatResponseFormatJson) activity.AddTag(Attributes.OutputType, "json");
        if (capturesContent && options.Tools is { Count: > 0 } tools) activity.AddTag(Attributes.ToolDefinitions, ContentJson.WriteTools(tools));

        void Add<T>(string name, T? value)
            where T : struct
        {
            if (value is not null) activity.AddTag(name, value.Value);
        }
    }
}
