-- Effects that only a person can settle, or should look at: those whose sending keeps failing too. Neither the columns nor
-- the condition change at an ordinary step.
CREATE INDEX effects_needs_person ON tape.effects (created_at, id) WHERE needs_person;
