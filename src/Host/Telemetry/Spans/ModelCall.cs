using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Observation;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>One call of a model: gathers what its span and its metrics tell of the answer. For one flow at a time.</summary>
/// <param name="model">The model.</param>
/// <param name="activity">The span; null when there is no listener.</param>
/// <param name="tags">The attributes of the metrics.</param>
internal sealed class ModelCall(ObservedModel model, Activity? activity, TagList tags)
{
    private readonly long _started = model.Time.GetTimestamp();
    private TagList _tags = tags;
    private TimeSpan? _firstChunk;
    private TimeSpan _lastChunk;
    private string? _responseId;
    private string? _responseModel;
    private ChatFinishReason? _finishReason;
    private UsageDetails? _usage;

    /// <summary>The span; null when there is no listener.</summary>
    public Activity? Activity { get; } = activity;

    /// <summary>A piece of the answer has arrived.</summary>
    public void Add(ChatResponseUpdate update)
    {
        _responseId ??= update.ResponseId;
        _finishReason = update.FinishReason ?? _finishReason;
        if (_responseModel is null && update.ModelId is { } id)
        {
            _responseModel = id;
            _tags.Add(Attributes.ResponseModel, model.Instruments.ModelNames.Clamp(id));
        }

        for (var i = 0; i < update.Contents.Count; i++)
        {
            if (update.Contents[i] is UsageContent usage) (_usage ??= new()).Add(usage.Details);
        }

        var (elapsed, instruments) = (model.Time.GetElapsedTime(_started), model.Instruments);
        if (_firstChunk is not null) instruments.TimePerChunk.Record((elapsed - _lastChunk).TotalSeconds, _tags);
        else instruments.TimeToFirstChunk.Record((_firstChunk ??= elapsed).TotalSeconds, _tags);
        _lastChunk = elapsed;
    }

    /// <summary>What the answer of a call says of itself that is not read piece by piece.</summary>
    public void SetAnswer(in ObservedModelAnswer answer)
    {
        (_responseId, _responseModel, _usage) = (answer.Id, answer.Model, answer.Usage);
        if (_responseModel is not null) _tags.Add(Attributes.ResponseModel, model.Instruments.ModelNames.Clamp(_responseModel));
    }

    /// <summary>The call continues in this flow, which has handed out a piece of the answer.</summary>
    public void Resume()
    {
        if (Activity is not null) Activity.Current = Activity;
    }

    /// <summary>The call has ended.</summary>
    /// <param name="errorType">The low-cardinality type of the model's own error; null when there was none.</param>
    /// <param name="isComplete">Whether the answer is complete; when it is not and there is no error, the caller broke it off.</param>
    /// <param name="content">Records the answer when it is known as plugins left it; null when none is recorded.</param>
    /// <param name="isRefused">Whether the plugin that calls the model refused the run.</param>
    public void End(string? errorType, bool isComplete, RunContent? content, bool isRefused = false)
    {
        if (Activity is { IsAllDataRequested: true })
        {
            AddAnswer(Activity);
            if (errorType is not null) Activity.SetFailed(errorType);
            else if (!isComplete) Activity.AddTag(Attributes.Cause, isRefused ? Causes.Refused : Causes.Cancelled);
        }

        // Record while the span is current, so that exemplars refer to it.
        RecordTokens("input", _usage?.InputTokenCount);
        RecordTokens("output", _usage?.OutputTokenCount);
        if (errorType is not null) _tags.Add(Attributes.ErrorType, errorType);
        model.Instruments.OperationDuration.Record(model.Time.GetElapsedTime(_started).TotalSeconds, _tags);
        if (Activity is null || (errorType is null && content?.TryHold(Activity, callId: null, _finishReason?.Value) == true)) return;
        Activity.Dispose();
    }

    private void AddAnswer(Activity span)
    {
        if (_finishReason is { } reason) span.AddTag(Attributes.FinishReasons, new[] { reason.Value });
        if (_responseId is not null) span.AddTag(Attributes.ResponseId, _responseId);
        if (_responseModel is not null) span.AddTag(Attributes.ResponseModel, _responseModel);
        if (_firstChunk is { } first) span.AddTag(Attributes.TimeToFirstChunk, first.TotalSeconds);
        if (_usage is not null) span.AddUsage(_usage);
    }

    private void RecordTokens(string type, long? count)
    {
        if (count is null || !model.Instruments.TokenUsage.Enabled) return;
        var tags = _tags;
        tags.Add(Attributes.TokenType, type);
        model.Instruments.TokenUsage.Record(count.Value, tags);
    }
}
