using Microsoft.Extensions.AI;

namespace PluginHost.OpenAI.Items;

/// <summary>A model's refusal, which Microsoft.Extensions.AI represents as an error with this code.</summary>
internal static class RefusalContent
{
    public const string Code = "Refusal";

    public static bool IsRefusal(AIContent content) => content is ErrorContent { ErrorCode: Code };

    public static ErrorContent Create(string text) => new(text) { ErrorCode = Code };
}
