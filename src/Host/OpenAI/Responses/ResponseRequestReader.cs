using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Responses;

/// <summary>Reads the body of <c>POST /v1/responses</c>. Each published parameter is honoured, refused by name, or changes nothing.</summary>
internal static class ResponseRequestReader
{
    private static readonly string[] HarmlessIncludes =
    [
        "reasoning.encrypted_content", "file_search_call.results", "web_search_call.results", "web_search_call.action.sources",
        "message.input_image.image_url", "computer_call_output.output.image_url", "code_interpreter_call.outputs",
    ];

    public static ResponseRequest Read(JsonElement json, InputErrors errors)
    {
        var body = new BodyReader(json, "", errors);
        var input = ItemReader.ReadInput(body, "input", required: true);
        var options = new ChatOptions
        {
            Temperature = (float?)body.Number("temperature", 0, 2),
            TopP = (float?)body.Number("top_p", 0, 1),
            MaxOutputTokens = body.Integer("max_output_tokens", 1, int.MaxValue),
            AllowMultipleToolCalls = body.Flag("parallel_tool_calls"),
        };
        var tools = ToolReader.Read(body);
        var choice = ToolReader.ReadChoice(body, options, tools.Tools);
        var text = TextReader.Read(body, options);
        var reasoning = ReasoningReader.Read(body, options);
        var details = new ResponseDetails
        {
            Instructions = body.Text("instructions"),
            Tools = tools.Echo,
            ToolChoice = choice,
            ParallelToolCalls = options.AllowMultipleToolCalls,
            Temperature = body.Number("temperature", 0, 2),
            TopP = body.Number("top_p", 0, 1),
            MaxOutputTokens = options.MaxOutputTokens,
            PreviousResponseId = body.Text("previous_response_id"),
            Conversation = ReadConversation(body),
            Store = body.Flag("store") ?? true,
            Background = body.Flag("background") ?? false,
            Text = text,
            Reasoning = reasoning,
            User = body.Text("user"),
            SafetyIdentifier = body.Text("safety_identifier"),
            PromptCacheKey = body.Text("prompt_cache_key"),
        };
        var request = new ResponseRequest
        {
            Model = body.Text("model"),
            Input = input,
            Details = details,
            Options = options,
            Tools = tools.Tools,
            Metadata = MetadataReader.Read(body, "metadata") ?? [],
            Stream = body.Flag("stream") ?? false,
        };
        ReadRest(body);
        CheckTogether(details, errors);
        body.End();
        return request;
    }

    /// <summary>A string, or an object with an id.</summary>
    public static string? ReadConversation(BodyReader body)
    {
        if (!body.TryGet("conversation", out var value)) return null;
        if (value.ValueKind == JsonValueKind.String) return body.Id("conversation");
        if (value.ValueKind != JsonValueKind.Object)
        {
            body.WrongType("conversation", value, "the id of a conversation, or an object with its id");
            return null;
        }

        var reference = body.Nested("conversation")!;
        var id = reference.RequiredText("id");
        reference.End();
        return body.Errors.CheckId(id, "conversation.id");
    }

    public static void CheckTogether(ResponseDetails details, InputErrors errors)
    {
        if (details.Conversation is not null && details.PreviousResponseId is not null)
            errors.Add("previous_response_id", "It cannot be used together with conversation.", "one of the two", "mutually_exclusive_parameters");
        if (details is { Background: true, Store: false })
            errors.Add("background", "A response in the background has to be stored.", "store true, or background false");
    }

    private static void ReadRest(BodyReader body)
    {
        if (body.TryGet("truncation", out _)) body.RequiredOneOf("truncation", ["auto", "disabled"]);
        body.RefuseUnless("service_tier", v => v.ValueKind == JsonValueKind.String && v.GetString() is "auto" or "default", "auto, default");
        body.RefuseUnless("top_logprobs", IsZero, "0");
        body.RefuseUnless("context_management", v => v.ValueKind == JsonValueKind.Array && v.GetArrayLength() == 0, "leave it out: the chain decides what is sent to the model");
        body.Refuse("prompt", "instructions and input");
        body.Refuse("moderation");
        body.Ignore("stream_options", "max_tool_calls", "prompt_cache_retention", "prompt_cache_options");
        ReadInclude(body);
    }

    private static void ReadInclude(BodyReader body)
    {
        if (!body.TryGet("include", out var include)) return;
        if (include.ValueKind != JsonValueKind.Array)
        {
            body.WrongType("include", include, "list");
            return;
        }

        var index = 0;
        foreach (var value in include.EnumerateArray())
        {
            var at = InputErrors.At("include", index++);
            if (value.ValueKind != JsonValueKind.String) body.WrongType(at, value, "string");
            else if (value.GetString() == "message.output_text.logprobs") body.Errors.AddUnsupported(at);
            else if (!HarmlessIncludes.Contains(value.GetString())) body.Errors.Add(at, "The value is not known.", string.Join(", ", HarmlessIncludes));
        }
    }

    private static bool IsZero(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number == 0;
}
