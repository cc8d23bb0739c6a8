using Microsoft.Extensions.AI;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Items;

/// <summary>The text of contents and parts.</summary>
internal static class OutputText
{
    public static string TextOf(AIContent content) => content switch
    {
        TextContent text => text.Text,
        TextReasoningContent reasoning => reasoning.Text,
        ErrorContent refusal => refusal.Message,
        _ => "",
    };

    public static Part PartOf(Type kind, string text) => kind == typeof(ErrorContent) ? new RefusalPart(text) : new OutputTextPart(text);
}
