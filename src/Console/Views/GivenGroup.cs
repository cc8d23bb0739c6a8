using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Views;

/// <summary>Messages of a request to the model that follow each other and were loaded by one history, or one other message.</summary>
/// <param name="First">The place of the first of them.</param>
/// <param name="Messages">At least one.</param>
public sealed record GivenGroup(int First, IReadOnlyList<ApiGivenMessage> Messages)
{
    /// <summary>Whether there are so many that they hide what is new.</summary>
    public bool IsFolded => Messages.Count > 2;

    public static IReadOnlyList<GivenGroup> From(IReadOnlyList<ApiGivenMessage> messages)
    {
        var groups = new List<GivenGroup>();
        foreach (var (index, message) in messages.Index())
        {
            if (message.State == "loaded" && groups is [.., { Messages: [{ State: "loaded" } first, ..] } last] && first.Plugin == message.Plugin)
                groups[^1] = last with { Messages = [.. last.Messages, message] };
            else groups.Add(new GivenGroup(index, [message]));
        }

        return groups;
    }
}
