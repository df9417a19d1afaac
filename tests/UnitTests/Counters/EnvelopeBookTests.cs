using Floodgate.CounterService.Lag;

namespace Floodgate.UnitTests.Counters;

public sealed class EnvelopeBookTests
{
    private static readonly Guid Producer = Guid.CreateVersion7();

    [Fact]
    public void What_is_above_the_highest_applied_is_open_and_the_oldest_of_it_tells_the_age()
    {
        var book = Book(200);
        Assert.Equal((200, 1000L), (book.Measure().Envelopes, book.Measure().OldestSentAt));

        book.SetHighest(Producer, 70);
        Assert.Equal((130, 1070L), (book.Measure().Envelopes, book.Measure().OldestSentAt));

        book.SetHighest(Producer, 200);
        Assert.Equal((0, null), (book.Measure().Envelopes, book.Measure().OldestSentAt));
    }

    [Fact]
    public void What_was_never_confirmed_is_not_open()
    {
        var book = Book(5, except: [1, 3]);

        Assert.Equal((3, 1001L), (book.Measure().Envelopes, book.Measure().OldestSentAt));
    }

    [Fact]
    public void What_is_applied_or_put_aside_is_accounted_for_and_forgotten()
    {
        var book = Book(200);
        book.SetHighest(Producer, 150);

        var sums = book.Audit((_, sequence) => sequence <= 150 && sequence != 99, (_, sequence) => sequence == 99, long.MaxValue);

        Assert.Equal(new Quantity(200, 400), sums.Accepted);
        Assert.Equal(new Quantity(149, 298), sums.Applied);
        Assert.Equal(new Quantity(1, 2), sums.Parked);
        Assert.Equal(new Quantity(50, 100), sums.Pending);
        Assert.Equal(default, sums.Missing);
    }

    [Fact]
    public void What_is_nowhere_while_later_ones_are_applied_is_missing_the_second_time_and_found_when_it_comes()
    {
        var book = Book(10);
        book.SetHighest(Producer, 10);
        bool IsApplied(Guid producer, long sequence) => sequence is not (4 or 5);

        Assert.Equal(2, book.Audit(IsApplied, (_, _) => false, long.MaxValue).Pending.Envelopes);
        var second = book.Audit(IsApplied, (_, _) => false, long.MaxValue);
        Assert.Equal((0, 2, 8), (second.Pending.Envelopes, second.Missing.Envelopes, second.Applied.Envelopes));

        var third = book.Audit((_, _) => true, (_, _) => false, long.MaxValue);
        Assert.Equal((0, 10), (third.Missing.Envelopes, third.Applied.Envelopes));
    }

    [Fact]
    public void What_is_above_the_highest_applied_or_young_is_never_missing()
    {
        var book = Book(10);
        book.SetHighest(Producer, 5);
        for (var i = 0; i < 3; i++)
            Assert.Equal(7, book.Audit((_, sequence) => sequence is 1 or 2 or 5, (_, _) => false, sentBefore: 1000).Pending.Envelopes);
    }

    [Fact]
    public void Of_two_producers_each_has_its_own_numbers()
    {
        var other = Guid.CreateVersion7();
        var book = Book(3);
        book.Confirm(other, 1, writes: 1, sentAt: 5000);
        book.SetHighest(Producer, 3);

        Assert.Equal((1, 5000L), (book.Measure().Envelopes, book.Measure().OldestSentAt));
        Assert.Equal([Producer, other], book.Producers());
    }

    [Fact]
    public void Memory_is_bounded_and_what_is_given_up_is_counted()
    {
        var book = new EnvelopeBook(mostPages: 2);
        for (var sequence = 1; sequence <= 3 * EnvelopePage.Size; sequence++)
            book.Confirm(Producer, sequence, writes: 1, sentAt: sequence);

        var sums = book.Audit((_, _) => false, (_, _) => false, long.MaxValue);
        Assert.Equal((EnvelopePage.Size, 2 * EnvelopePage.Size), (sums.GivenUp.Envelopes, sums.Pending.Envelopes));
    }

    private static EnvelopeBook Book(int envelopes, params int[] except)
    {
        var book = new EnvelopeBook();
        for (var i = 0; i < envelopes; i++)
        {
            if (!except.Contains(i + 1))
                book.Confirm(Producer, i + 1, writes: 2, sentAt: 1000 + i);
        }

        return book;
    }
}
