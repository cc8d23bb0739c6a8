using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.History;

internal sealed partial class HistoryChecks
{
    [Case]
    public async Task An_unknown_session_is_empty()
    {
        var page = await Provider.LoadAsync(QueryNewest(Session, 50), None);

        Expect.Empty(page.Items);
        Expect.False(page.HasMore);
        Expect.Empty(await ListAsync(Session));
        Expect.Equal(0, await Provider.DeleteAsync(new HistoryDeletion { Session = Session }, None));
        Expect.Equal(0, await Provider.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["x"] }, None));
    }

    [Case]
    public async Task Messages_are_returned_in_the_order_of_their_appends()
    {
        await AppendAsync(Run("b"));
        await AppendAsync(Run("a"));
        await AppendAsync(Run("c"));

        Expect.Equal("b.in b.out a.in a.out c.in c.out", await IdsAsync(Session));
    }

    [Case]
    public async Task Every_member_of_a_message_and_its_append_is_returned()
    {
        var context = new HistoryMessage { Id = "m2", Origin = MessageOrigin.Context, Message = new ChatMessage(ChatRole.System, "facts"), Source = "memory/long" };
        var first = Stamp(Append(Session, "r1", 1, RunOutcome.Failed, Text("m1", ChatRole.User), context) with { Agent = "writer" });
        var second = Append(Session, "r2", 2, RunOutcome.Cancelled, Text("m3", ChatRole.User));
        var third = Append(Session, null, 1, RunOutcome.Completed, Text("m4", ChatRole.User));
        foreach (var append in new[] { first, second, third }) await AppendAsync(append);

        await ReopenAsync();

        JsonAssert.Equivalent([.. first.Messages, .. second.Messages, .. third.Messages], await ListAsync(Session));
    }

    [Case]
    public async Task A_duplicate_append_changes_nothing()
    {
        await AppendAsync(Run("r1"));
        await AppendAsync(Run("r2"));
        await AppendAsync(Run("r1"));
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Completed, Text("other", ChatRole.User)));
        await ReopenAsync();
        await AppendAsync(Run("r1"));
        await AppendAsync(Run("r2"));

        Expect.Equal("r1.in r1.out r2.in r2.out", await IdsAsync(Session));
    }

    [Case]
    public async Task Steps_and_sessions_are_part_of_an_appends_identity()
    {
        var elsewhere = new SessionKey("default", "s2");
        await AppendAsync(Run("r1"));
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Completed, Text("step", ChatRole.Assistant)) with { Step = 1 });
        await AppendAsync(Run("r1", elsewhere));

        Expect.Equal("r1.in r1.out step", await IdsAsync(Session));
        Expect.Equal("r1.in r1.out", await IdsAsync(elsewhere));
    }

    [Case(RunOutcome.Failed)]
    [Case(RunOutcome.Cancelled)]
    public async Task A_later_attempt_replaces_all_steps_of_an_incomplete_attempt(RunOutcome outcome)
    {
        await AppendAsync(Run("before"));
        await AppendAsync(Run("r1", outcome: outcome));
        await AppendAsync(Append(Session, "r1", 1, outcome, Text("r1.step", ChatRole.Assistant)) with { Step = 1 });
        await AppendAsync(Run("between"));
        await AppendAsync(Run("r1", attempt: 2));

        const string expected = "before.in before.out between.in between.out r1.in r1.out";
        Expect.Equal(expected, await IdsAsync(Session));
        await ReopenAsync();
        Expect.Equal(expected, await IdsAsync(Session));
        Expect.All(await ListAsync(Session), m => Expect.Equal(RunOutcome.Completed, m.Outcome));
    }

    [Case]
    public async Task A_repeated_append_does_not_restore_a_replaced_attempt()
    {
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Failed, Text("old", ChatRole.User)));
        await AppendAsync(Append(Session, "r1", 2, RunOutcome.Completed, Text("new", ChatRole.User)));
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Failed, Text("old", ChatRole.User)));
        await ReopenAsync();
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Failed, Text("old", ChatRole.User)));

        Expect.Equal("new", await IdsAsync(Session));
    }

    [Case]
    public async Task A_later_attempt_does_not_replace_a_completed_attempt()
    {
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Completed, Text("first", ChatRole.User)));
        await AppendAsync(Append(Session, "r1", 2, RunOutcome.Completed, Text("second", ChatRole.User)));

        Expect.Equal("first second", await IdsAsync(Session));
    }

    [Case]
    public async Task Outside_a_run_a_message_with_a_known_id_is_skipped()
    {
        await AppendAsync(Run("r1"));
        await AppendAsync(Append(Session, null, 1, RunOutcome.Completed, Text("a", ChatRole.User), Text("b", ChatRole.User)));
        await ReopenAsync();
        await AppendAsync(Append(
            Session, null, 1, RunOutcome.Completed, Text("b", ChatRole.User, "changed"), Text("r1.in", ChatRole.User), Text("c", ChatRole.User)));

        Expect.Equal("r1.in r1.out a b c", await IdsAsync(Session));
        Expect.Equal("text of b", (await ListAsync(Session))[3].Message.Text);
    }

    [Case]
    public async Task A_failed_append_stores_nothing_and_the_next_append_succeeds()
    {
        var notSerializable = new ChatMessage(ChatRole.Assistant, "x") { AdditionalProperties = new() { ["type"] = typeof(string) } };
        await AppendAsync(Run("r1"));
        await Expect.ThrowsAsync<Exception>(() => AppendAsync(
            Append(Session, "r2", 1, RunOutcome.Completed, Text("r2.in", ChatRole.User), new HistoryMessage { Id = "r2.out", Origin = MessageOrigin.Output, Message = notSerializable })).AsTask());

        Expect.Equal("r1.in r1.out", await IdsAsync(Session));
        await AppendAsync(Run("r2"));
        await ReopenAsync();
        Expect.Equal("r1.in r1.out r2.in r2.out", await IdsAsync(Session));
    }

    [Case]
    public async Task A_cancelled_append_stores_all_messages_or_none()
    {
        var stored = true;
        try
        {
            await Provider.AppendAsync(Run("r1"), new CancellationToken(canceled: true));
        }
        catch (OperationCanceledException)
        {
            stored = false;
        }

        Expect.Equal(stored ? "r1.in r1.out" : "", await IdsAsync(Session));
        await AppendAsync(Run("r1"));
        Expect.Equal("r1.in r1.out", await IdsAsync(Session));
    }

    [Case]
    public async Task Messages_of_failed_runs_are_returned_only_on_request()
    {
        await AppendAsync(Run("r1"));
        await AppendAsync(Run("r2", outcome: RunOutcome.Failed));
        await AppendAsync(Run("r3", outcome: RunOutcome.Cancelled));

        Expect.Equal("r1.in r1.out r3.in r3.out", await IdsAsync(Session, includeFailed: false));
        Expect.Equal("r1.in r1.out r3.in r3.out", await WindowAsync(Session));
        Expect.Equal("r1.in r1.out r2.in r2.out r3.in r3.out", await IdsAsync(Session));
        Expect.Equal("r1.in r1.out r2.in r2.out r3.in r3.out", await IdsAsync(new HistoryQuery { Session = Session, Limit = 50, IncludeFailed = true }));
    }
}
