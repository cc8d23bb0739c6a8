using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Explain;

/// <summary>The JSON of what a tool returned, in the form in which results are stored.</summary>
internal static class ResultJson
{
    public static JsonElement From(string callId, object? value)
    {
        try
        {
            return JsonSerializer.SerializeToElement(new FunctionResultContent(callId, value), ChatJson.Content);
        }
        catch (Exception)
        {
            // A value of a plugin may have a getter or converter that throws anything.
            return JsonSerializer.SerializeToElement(new FunctionResultContent(callId, value?.ToString()), ChatJson.Content);
        }
    }
}
