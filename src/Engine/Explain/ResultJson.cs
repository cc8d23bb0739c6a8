using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Explain;

/// <summary>The JSON of what a tool returned, which may be anything.</summary>
internal static class ResultJson
{
    public static JsonElement From(object? value)
    {
        try
        {
            return value is JsonElement json ? json : JsonSerializer.SerializeToElement(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object)));
        }
        catch (Exception)
        {
            // A value of a plugin may have a getter or converter that throws anything.
            return JsonSerializer.SerializeToElement(value?.ToString() ?? "", AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(string)));
        }
    }
}
