using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Chat;

/// <summary>A tool of a chat completion.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ChatToolBody), "function")]
[JsonDerivedType(typeof(ChatCustomToolBody), "custom")]
[OtherCases(typeof(ChatHostedToolBody))]
internal interface IChatTool : IOpenBody
{
    /// <summary>Null for a tool that the model's server runs.</summary>
    string? Name { get; }

    AITool ToTool(JsonElement sent, int place);
}

internal sealed record ChatToolBody(FunctionBody Function) : IChatTool
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    string? IChatTool.Name => Function?.Name;

    public AITool ToTool(JsonElement sent, int place) => Function.ToTool(sent.GetProperty("function"), Others);
}

internal sealed record ChatCustomToolBody(ChatCustomToolBody.Declaration Custom) : IChatTool
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    string? IChatTool.Name => Custom?.Name;

    public AITool ToTool(JsonElement sent, int place) => new CustomTool(Custom.Name, Custom.Description, CustomFormats.ToResponses(sent.GetProperty("custom")));

    internal sealed record Declaration([FunctionName] string Name, string? Description = null, [AnyObject] JsonElement? Format = null) : IOpenBody
    {
        public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }
    }
}

/// <summary>A tool of any other type, for a server that knows it.</summary>
internal sealed record ChatHostedToolBody([MinLength(1)] string Type) : IChatTool, ISentBody, ICheckedBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    public JsonElement Sent { get; set; }

    string? IChatTool.Name => null;

    public void Check(InputErrors errors) => HostedTool.Check(Sent, errors);

    public AITool ToTool(JsonElement sent, int place) => new HostedTool(Type, place, sent);
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type"), JsonDerivedType(typeof(ChatFunctionChoice), "function"), JsonDerivedType(typeof(ChatCustomChoice), "custom")]
[RefusesOthers("none, auto, required, or the type function or custom")]
internal abstract record ChatToolChoice : ToolChoice
{
    public static ChatToolChoice FromText(string word) => new ChatFunctionChoice((Named?)null) { Word = word };

    internal sealed record Named(string Name);
}

internal sealed record ChatFunctionChoice(ChatToolChoice.Named? Function) : ChatToolChoice
{
    public override string? ToolName => Function?.Name;
}

internal sealed record ChatCustomChoice(ChatToolChoice.Named? Custom) : ChatToolChoice
{
    public override string? ToolName => Custom?.Name;
}
