using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Shared;

/// <summary>Reads an answer to its end, and names what goes wrong on the way.</summary>
internal static class WholeAnswer
{
    /// <exception cref="Sdk.ModelException">The answer broke off, ended before its end, or cannot be understood.</exception>
    public static async IAsyncEnumerable<ChatResponseUpdate> ReadAsync(
        IAsyncEnumerable<ChatResponseUpdate> answer, ServerFailures failures, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var updates = answer.GetAsyncEnumerator(cancellationToken);
        var isComplete = false;
        while (await MoveNextAsync(updates, failures, cancellationToken))
        {
            isComplete |= updates.Current.FinishReason is not null;
            yield return updates.Current;
        }

        if (!isComplete) throw failures.CreateInterrupted();
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, ServerFailures failures, CancellationToken cancellationToken)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw failures.From(e, answerStarted: true);
        }
    }
}
