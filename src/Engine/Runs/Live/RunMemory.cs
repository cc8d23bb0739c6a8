using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>Estimates how much memory an ended run takes. It cannot be exact, because clients of models attach objects to what they give.</summary>
internal static class RunMemory
{
    /// <summary>The objects of one update or message, with those that a model's client attached to it.</summary>
    private const int PerObject = 1024;

    public static long Measure(RunRecord run)
    {
        long size = PerObject;
        foreach (var message in run.Output) size += PerObject + Measure(message.Contents);
        foreach (var (key, value) in run.Metadata) size += Measure(key) + Measure(value);
        return size + Measure(run.Details) + Measure(run.Error?.Message);
    }

    public static long Measure(ChatResponseUpdate update) => PerObject + Measure(update.Contents) + (update.RawRepresentation is WireEvent sent ? Measure(sent.Data) : 0);

    private static long Measure(IList<AIContent> contents)
    {
        long size = 0;
        for (var i = 0; i < contents.Count; i++)
        {
            size += Measure(contents[i]);
            if (contents[i].AdditionalProperties is { } beside) size += Measure(beside);
        }

        return size;
    }

    private static long Measure(AIContent content) => content switch
    {
        TextContent text => Measure(text.Text),
        TextReasoningContent reasoning => Measure(reasoning.Text) + Measure(reasoning.ProtectedData),
        DataContent data => data.Data.Length,
        FunctionCallContent { Arguments: { } arguments } => Measure(arguments),
        FunctionResultContent result => Measure(result.Result),
        ErrorContent error => Measure(error.Message),
        _ => 0,
    };

    private static long Measure(IDictionary<string, object?> arguments)
    {
        long size = 0;
        foreach (var (name, value) in arguments) size += Measure(name) + Measure(value);
        return size;
    }

    private static long Measure(object? value) => value switch
    {
        null => 0,
        string text => text.Length * (long)sizeof(char),
        JsonElement { ValueKind: not JsonValueKind.Undefined } json => JsonMarshal.GetRawUtf8Value(json).Length,
        byte[] bytes => bytes.Length,
        IList<AIContent> contents => Measure(contents),
        _ => PerObject,
    };
}
