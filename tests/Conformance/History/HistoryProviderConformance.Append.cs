namespace PluginHost.Conformance;

public abstract partial class HistoryProviderConformance
{
    [Fact]
    public async Task An_unknown_session_is_empty()
    {
        var page = await Provider.LoadAsync(QueryNewest(Session, 50), None);

        Assert.Empty(page.Items);
        Assert.False(page.HasMore);
        Assert.Empty(await ListAsync(Session));
        Assert.Equal(0, await Provider.DeleteAsync(new HistoryDeletion { Session = Session }, None));
        Assert.Equal(0, await Provider.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["x"] }, None));
    }

    [Fact]
    public async Task Messages_are_returned_in_the_order_of_their_appends()
    {
        await AppendAsync(Run("b"));
        await AppendAsync(Run("a"));
        await AppendAsync(Run("c"));

        Assert.Equal("b.in b.out a.in a.out c.in c.out", await IdsAsync(Session));
    }

    [Fact]
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

    [Fact]
    public async Task A_duplicate_append_changes_nothing()
    {
        await AppendAsync(Run("r1"));
        await AppendAsync(Run("r2"));
        await AppendAsync(Run("r1"));
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Completed, Text("other", ChatRole.User)));
        await ReopenAsync();
        await AppendAsync(Run("r1"));
        await AppendAsync(Run("r2"));

        Assert.Equal("r1.in r1.out r2.in r2.out", await IdsAsync(Session));
    }

    [Fact]
    public async Task Steps_and_sessions_are_part_of_an_appends_identity()
    {
        var elsewhere = new SessionKey("default", "s2");
        await AppendAsync(Run("r1"));
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Completed, Text("step", ChatRole.Assistant)) with { Step = 1 });
        await AppendAsync(Run("r1", elsewhere));

        Assert.Equal("r1.in r1.out step", await IdsAsync(Session));
        Assert.Equal("r1.in r1.out", await IdsAsync(elsewhere));
    }

    [Theory]
    [InlineData(RunOutcome.Failed)]
    [InlineData(RunOutcome.Cancelled)]
    public async Task A_later_attempt_replaces_all_steps_of_an_incomplete_attempt(RunOutcome outcome)
    {
        await AppendAsync(Run("before"));
        await AppendAsync(Run("r1", outcome: outcome));
        await AppendAsync(Append(Session, "r1", 1, outcome, Text("r1.step", ChatRole.Assistant)) with { Step = 1 });
        await AppendAsync(Run("between"));
        await AppendAsync(Run("r1", attempt: 2));

        const string expected = "before.in before.out between.in between.out r1.in r1.out";
        Assert.Equal(expected, await IdsAsync(Session));
        await ReopenAsync();
        Assert.Equal(expected, await IdsAsync(Session));
        Assert.All(await ListAsync(Session), m => Assert.Equal(RunOutcome.Completed, m.Outcome));
    }

    [Fact]
    public async Task A_repeated_append_does_not_restore_a_replaced_attempt()
    {
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Failed, Text("old", ChatRole.User)));
        await AppendAsync(Append(Session, "r1", 2, RunOutcome.Completed, Text("new", ChatRole.User)));
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Failed, Text("old", ChatRole.User)));
        await ReopenAsync();
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Failed, Text("old", ChatRole.User)));

        Assert.Equal("new", await IdsAsync(Session));
    }

    [Fact]
    public async Task A_later_attempt_does_not_replace_a_completed_attempt()
    {
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Completed, Text("first", ChatRole.User)));
        await AppendAsync(Append(Session, "r1", 2, RunOutcome.Completed, Text("second", ChatRole.User)));

        Assert.Equal("first second", await IdsAsync(Session));
    }

    [Fact]
    public async Task Outside_a_run_a_message_with_a_known_id_is_skipped()
    {
        await AppendAsync(Run("r1"));
        await AppendAsync(Append(Session, null, 1, RunOutcome.Completed, Text("a", ChatRole.User), Text("b", ChatRole.User)));
        await ReopenAsync();
        await AppendAsync(Append(
            Session, null, 1, RunOutcome.Completed, Text("b", ChatRole.User, "changed"), Text("r1.in", ChatRole.User), Text("c", ChatRole.User)));

        Assert.Equal("r1.in r1.out a b c", await IdsAsync(Session));
        Assert.Equal("text of b", (await ListAsync(Session))[3].Message.Text);
    }

    [Fact]
    public async Task A_failed_append_stores_nothing_and_the_next_append_succeeds()
    {
        var notSerializable = new ChatMessage(ChatRole.Assistant, "x") { AdditionalProperties = new() { ["type"] = typeof(string) } };
        await AppendAsync(Run("r1"));
        await Assert.ThrowsAnyAsync<Exception>(() => AppendAsync(
            Append(Session, "r2", 1, RunOutcome.Completed, Text("r2.in", ChatRole.User), new HistoryMessage { Id = "r2.out", Origin = MessageOrigin.Output, Message = notSerializable })).AsTask());

        Assert.Equal("r1.in r1.out", await IdsAsync(Session));
        await AppendAsync(Run("r2"));
        await ReopenAsync();
        Assert.Equal("r1.in r1.out r2.in r2.out", await IdsAsync(Session));
    }

    [Fact]
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

        Assert.Equal(stored ? "r1.in r1.out" : "", await IdsAsync(Session));
        await AppendAsync(Run("r1"));
        Assert.Equal("r1.in r1.out", await IdsAsync(Session));
    }

    [Fact]
    public async Task Messages_of_failed_runs_are_returned_only_on_request()
    {
        await AppendAsync(Run("r1"));
        await AppendAsync(Run("r2", outcome: RunOutcome.Failed));
        await AppendAsync(Run("r3", outcome: RunOutcome.Cancelled));

        Assert.Equal("r1.in r1.out r3.in r3.out", await IdsAsync(Session, includeFailed: false));
        Assert.Equal("r1.in r1.out r3.in r3.out", await WindowAsync(Session));
        Assert.Equal("r1.in r1.out r2.in r2.out r3.in r3.out", await IdsAsync(Session));
        Assert.Equal("r1.in r1.out r2.in r2.out r3.in r3.out", await IdsAsync(new HistoryQuery { Session = Session, Limit = 50, IncludeFailed = true }));
    }
}
