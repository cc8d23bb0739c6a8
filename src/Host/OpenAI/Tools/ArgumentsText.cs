using System.Text.Json;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Tools;

/// <summary>
/// The arguments of a call in a request. They are the model's own text, and text that is not JSON is taken as it is; JSON has to be one
/// that can be stored and written again.
/// </summary>
internal static class ArgumentsText
{
    public static void Check(string? text, InputErrors errors)
    {
        if (string.IsNullOrWhiteSpace(text)) return;
        try
        {
            var json = JsonElement.Parse(text, JsonDepth.Documents);
            if (!JsonDepth.IsWithin(json)) errors.Add("arguments", JsonDepth.TooDeep, JsonDepth.Allowed);
            else if (!JsonText.IsUnicode(json)) errors.Add("arguments", JsonText.HalfPair, "Unicode");
        }
        catch (JsonException)
        {
            // Not JSON, or cut off.
        }
    }
}
