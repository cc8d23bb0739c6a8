using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Runs.Transcripts;

/// <summary>Finds tool calls that have no result yet.</summary>
internal static class OpenCalls
{
    public static IReadOnlyList<string> In(IReadOnlyList<ChatMessage> messages)
    {
        List<string>? open = null;
        foreach (var message in messages)
        {
            foreach (var content in message.Contents)
            {
                if (content is FunctionCallContent call) (open ??= []).Add(call.CallId);
                else if (content is FunctionResultContent result) open?.Remove(result.CallId);
            }
        }

        return open ?? [];
    }
}
