using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.History;

internal sealed partial class HistoryChecks
{
    [Case]
    public async Task Deleting_some_messages_keeps_the_others()
    {
        for (var i = 1; i <= 3; i++) await AppendAsync(Run($"r{i}"));

        Expect.Equal(3, await Provider.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["r2.out", "unknown", "r1.in", "r3.out", "r2.out"] }, None));

        Expect.Equal("r1.out r2.in r3.in", await IdsAsync(Session));
        Expect.Equal(0, await Provider.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["r2.out"] }, None));
        Expect.Equal(0, await Provider.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = [] }, None));
        await ReopenAsync();
        Expect.Equal("r1.out r2.in r3.in", await IdsAsync(Session));
        Expect.Equal("r2.in r1.out", await IdsAsync(new HistoryQuery { Session = Session, Before = "r3.in", Order = ListOrder.Descending, Limit = 5 }));
    }

    [Case]
    public async Task A_repeated_append_does_not_restore_deleted_messages()
    {
        await AppendAsync(Run("r1"));
        await Provider.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["r1.in"] }, None);
        await AppendAsync(Run("r1"));
        await ReopenAsync();
        await AppendAsync(Run("r1"));

        Expect.Equal("r1.out", await IdsAsync(Session));
    }

    [Case]
    public async Task Deleting_a_session_removes_all_its_messages_and_no_others()
    {
        var other = new SessionKey("default", "s2");
        for (var i = 1; i <= 3; i++) await AppendAsync(Run($"r{i}", outcome: i == 2 ? RunOutcome.Failed : RunOutcome.Completed));
        await AppendAsync(Run("r1", other));

        Expect.Equal(6, await Provider.DeleteAsync(new HistoryDeletion { Session = Session }, None));

        Expect.Empty(await ListAsync(Session));
        Expect.Equal("r1.in r1.out", await IdsAsync(other));
        Expect.Equal(0, await Provider.DeleteAsync(new HistoryDeletion { Session = Session }, None));
        await ReopenAsync();
        Expect.Empty(await ListAsync(Session));
    }

    [Case]
    public async Task A_deleted_session_can_be_used_again()
    {
        await AppendAsync(Run("r1"));
        await Provider.DeleteAsync(new HistoryDeletion { Session = Session }, None);
        await AppendAsync(Run("r2"));
        await ReopenAsync();

        Expect.Equal("r2.in r2.out", await IdsAsync(Session));
    }

    [Case]
    public async Task No_byte_of_deleted_content_remains()
    {
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Completed, Text("m1", ChatRole.User, "keep-this-text"), Text("m2", ChatRole.User, "secret-of-message")));
        await AppendAsync(Append(Session, "r2", 1, RunOutcome.Failed, Text("m3", ChatRole.User, "secret-of-message")));
        await AppendAsync(Append(Session, "r2", 2, RunOutcome.Completed, Text("m3", ChatRole.User, "secret-of-message")));
        Expect.True(HoldsContent("secret-of-message"));

        Expect.Equal(2, await Provider.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["m2", "m3"] }, None));
        Expect.False(HoldsContent("secret-of-message"));
        Expect.True(HoldsContent("keep-this-text"));

        await Provider.DeleteAsync(new HistoryDeletion { Session = Session }, None);
        Expect.False(HoldsContent("keep-this-text"));
    }
}
