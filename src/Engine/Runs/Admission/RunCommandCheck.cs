using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Compaction;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Checks a run command before anything is done for it.</summary>
internal static class RunCommandCheck
{
    /// <exception cref="ProblemException">400, with all that is wrong.</exception>
    public static void Check(RunCommand command, SessionsConfiguration settings)
    {
        var input = command.Input;
        if (IsValid(command, settings)) return;
        var errors = new List<ProblemError>();
        if (input.Count == 0 && command.SentInstructions is null) errors.Add(new("input", "is empty", "a text, or one or more messages"));
        CheckSizes(input, settings, errors);
        if (input.Count > 0 && input[^1].Role == ChatRole.Assistant)
            errors.Add(new($"input[{input.Count - 1}].role", "is assistant, so there is nothing to answer", "a last message of user, system, developer or tool"));
        if (!IsUserValid(command)) errors.Add(new("user", "is not a valid name of a user", UserNames.Allowed));
        if (errors.Count > 0) throw ProblemException.Invalid(errors);
    }

    /// <summary>Checks that the host can read its own compaction items in the input.</summary>
    /// <exception cref="ProblemException">400, with all that is wrong.</exception>
    public static void CheckCompaction(RunCommand command, CompactionSeal seal) => CheckCompaction(command.Input, command.Tenant, seal, "input");

    /// <summary>Checks that the host can read its own compaction items in messages of a caller.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="tenant">The caller's tenant.</param>
    /// <param name="seal">Opens the items.</param>
    /// <param name="name">The field that holds the messages, for errors.</param>
    /// <exception cref="ProblemException">400, with all that is wrong.</exception>
    public static void CheckCompaction(IReadOnlyList<ChatMessage> messages, string tenant, CompactionSeal seal, string name)
    {
        List<ProblemError>? errors = null;
        for (var i = 0; i < messages.Count && !(errors?.Count >= Problem.MaxErrors); i++)
        {
            // Most messages have none, and cost nothing.
            if (!CompactionItem.IsIn(messages[i])) continue;
            foreach (var content in messages[i].Contents)
            {
                if (CompactionItem.IsTrigger(content) && i < messages.Count - 1)
                    (errors ??= []).Add(new($"{name}[{i}].type", "is compaction_trigger, and something follows it", "compaction_trigger as the last item"));
                else if (CompactionItem.FindSealed(content) is { } text && seal.Open(tenant, text) is null)
                    (errors ??= []).Add(new($"{name}[{i}].encrypted_content", "is not what this host gave this caller", "an unchanged item of this host and tenant, or the messages that it replaces"));
            }
        }

        if (errors is not null) throw ProblemException.Invalid(errors);
    }

    /// <summary>Checks messages that a later run has before its input.</summary>
    /// <exception cref="ProblemException">400, with all that is wrong.</exception>
    public static void CheckEarlier(IReadOnlyList<ChatMessage> messages, SessionsConfiguration settings)
    {
        var errors = new List<ProblemError>();
        CheckSizes(messages, settings, errors);
        if (errors.Count > 0) throw ProblemException.Invalid(errors);
    }

    /// <summary>Checks messages for a run in progress.</summary>
    /// <exception cref="ProblemException">400, with all that is wrong.</exception>
    public static void CheckInput(IReadOnlyList<ChatMessage> input, SessionsConfiguration settings)
    {
        var errors = new List<ProblemError>();
        CheckSizes(input, settings, errors);
        for (var i = 0; i < input.Count && errors.Count < Problem.MaxErrors; i++)
        {
            if (input[i].Role != ChatRole.User) errors.Add(new($"input[{i}].role", $"is {input[i].Role}, which a run in progress does not take", "user"));
        }

        if (errors.Count > 0) throw ProblemException.Invalid(errors);
    }

    /// <exception cref="ProblemException">422 when the key was used with another body.</exception>
    public static void SameRequest(RunHandle run, RunCommand command)
    {
        var hash = command.IdempotencyKey is { } key && run.Inbox.HashOf(key) is { } steered ? steered : run.Record.RequestHash;
        if (hash != command.RequestHash) throw KeyReused(run.Record.Id);
    }

    /// <exception cref="ProblemException">422 when the key was used with another body.</exception>
    public static void SameRequest(RunRecord previous, RunCommand command)
    {
        if (previous.RequestHash != command.RequestHash) throw KeyReused(previous.Id);
    }

    public static ProblemException KeyReused(string runId) => new(
        ProblemTypes.IdempotencyKeyReused, $"The idempotency key was used for run '{runId}' with another request. Use a new key for a new request.");

    private static void CheckSizes(IReadOnlyList<ChatMessage> input, SessionsConfiguration settings, List<ProblemError> errors)
    {
        if (input.Count > settings.MaxInputMessages)
            errors.Add(new("input", $"has {input.Count} messages", $"at most {settings.MaxInputMessages} (Sessions:MaxInputMessages)"));
        for (var i = 0; i < input.Count && errors.Count < Problem.MaxErrors; i++)
        {
            if (IsEmpty(input[i]))
                errors.Add(new($"input[{i}].content", "is empty", "a text, or one or more parts"));
            else if (MessageSize.Check(input[i], $"input[{i}].content", settings) is { } tooLarge)
                errors.Add(tooLarge);
        }
    }

    /// <summary>Whether nothing is wrong. Most commands are valid, and need no list of errors and no paths.</summary>
    private static bool IsValid(RunCommand command, SessionsConfiguration settings)
    {
        var input = command.Input;
        if (input.Count == 0 || input.Count > settings.MaxInputMessages || input[^1].Role == ChatRole.Assistant || !IsUserValid(command)) return false;
        for (var i = 0; i < input.Count; i++)
        {
            if (IsEmpty(input[i]) || MessageSize.Measure(input[i]) > settings.MaxMessageBytes) return false;
        }

        return true;
    }

    private static bool IsUserValid(RunCommand command) => command.NamedUser is not { } user || UserNames.IsValid(user);

    private static bool IsEmpty(ChatMessage message)
    {
        for (var i = 0; i < message.Contents.Count; i++)
        {
            if (message.Contents[i] is not TextContent { Text: null or "" }) return false;
        }

        return true;
    }
}
