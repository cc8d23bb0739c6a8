using System.ComponentModel.DataAnnotations;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Items;

namespace PluginHost.OpenAI.Conversations;

/// <summary>The body of <c>POST /v1/conversations</c>.</summary>
internal sealed record NewConversationBody(
    [MaxLength(20)] IReadOnlyList<ItemBody>? Items = null, [Metadata] IReadOnlyDictionary<string, string>? Metadata = null) : ICheckedBody
{
    public void Check(InputErrors errors) => NewItemsBody.CheckNotEmpty(Items, errors);
}

/// <summary>The body of <c>POST /v1/conversations/{id}</c>.</summary>
internal sealed record ConversationUpdateBody([Metadata] IReadOnlyDictionary<string, string> Metadata);

/// <summary>The body of <c>POST /v1/conversations/{id}/items</c>.</summary>
internal sealed record NewItemsBody([Length(1, 20)] IReadOnlyList<ItemBody> Items) : ICheckedBody
{
    public void Check(InputErrors errors) => CheckNotEmpty(Items, errors);

    /// <summary>Checks that each message has content. The engine checks this for the input of runs only.</summary>
    public static void CheckNotEmpty(IReadOnlyList<ItemBody>? items, InputErrors errors)
    {
        for (var i = 0; i < items?.Count; i++)
        {
            if (items[i] is MessageBody { Content: { } content } && content.All(p => p is TextPartBody { Text: "" } or OutputTextPartBody { Text: "" }))
                errors.Add($"items[{i}].content", "Must not be empty.", "text, or at least one part");
        }
    }
}
